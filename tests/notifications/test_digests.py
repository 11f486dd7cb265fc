"""A digest is one mail of everything that waits for it."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from core.actions import inbox, tickets
from core.domain.change import Change, Resource
from core.models import DeliveryStatus, NotificationLog, Preference, Priority, Role, Status, User
from core.notifications import bundles, registry
from core.notifications.claims import claim
from core.notifications.deliver import drain, send_batch
from core.notifications.dispatch import announce
from tests.conftest import MakeTicket
from tests.fakes.smtp import FakeSmtp
from tests.notifications.chatter import later, rows_of
from tests.notifications.support import PENDING, SENT, at_once
from tests.tickets import newcomers

CANCELLED = DeliveryStatus.CANCELLED


def test_a_digest_is_one_mail_of_everything_that_waits(
    make_ticket: MakeTicket, cleo: User, dan: User, ada: User, mailbox: FakeSmtp
) -> None:
    Preference.objects.create(user=cleo, digest="hourly")
    User.objects.filter(pk=cleo.pk).update(locale="es")
    first, second = make_ticket(quiet=False), make_ticket(Status.IN_PROGRESS, quiet=False)
    tickets.open_ticket(actor=ada, ticket_id=first.pk)
    urgent = make_ticket(quiet=False, priority=Priority.CRITICAL)
    tickets.open_ticket(actor=ada, ticket_id=urgent.pk)
    NotificationLog.objects.exclude(recipient=cleo).filter(status=PENDING).update(
        status=CANCELLED, next_attempt_at=None
    )
    drain("EMAIL")
    assert urgent.number in str(mailbox.take(cleo.email).message["Subject"])  # by itself, and at once
    waiting = NotificationLog.objects.filter(recipient=cleo, notification_type="EMAIL", status=PENDING)
    assert set(waiting.values_list("error", flat=True)) == {"digest"}
    assert waiting.count() == 3
    waiting.update(created_at=timezone.now() - timedelta(hours=1))
    NotificationLog.objects.filter(pk=waiting.order_by("pk")[0].pk).update(next_attempt_at=timezone.now())
    drain("EMAIL")
    mail = mailbox.take(cleo.email)
    assert mail.message["Subject"] == f"3 notificaciones: {second.number} y más"
    for row in NotificationLog.objects.filter(recipient=cleo, notification_type="EMAIL").exclude(ticket=urgent):
        assert row.message in mail.text
        assert (row.status, row.error) == (SENT, "")
    assert mail.message["References"].startswith(f"<digest-{cleo.pk}@")


def test_what_was_read_meanwhile_is_not_in_it(make_ticket: MakeTicket, ada: User, mailbox: FakeSmtp) -> None:
    Preference.objects.create(user=ada, digest="hourly")
    for _ in range(3):
        make_ticket(quiet=False)
    mails = rows_of(ada, "EMAIL", "ticket_created")
    mails.update(created_at=timezone.now() - timedelta(hours=1))
    inbox.mark_read(user=ada, ids=[mails[1].pk])
    drain("EMAIL")
    mailbox.take(ada.email)
    assert list(mails.values_list("status", "error")) == [(SENT, ""), (CANCELLED, "read"), (SENT, "")]


def test_the_digests_of_many_take_as_many_queries_to_gather_as_that_of_one(
    make_ticket: MakeTicket, ada: User, mailbox: FakeSmtp
) -> None:
    admins = [ada, *newcomers(Role.ADMIN, 9, name="admin")]
    Preference.objects.bulk_create(Preference(user=user, digest="hourly") for user in admins)
    make_ticket(quiet=False)
    mails = NotificationLog.objects.filter(notification_type="EMAIL", event="ticket_created")
    mails.update(created_at=timezone.now() - timedelta(hours=1))
    mails.exclude(recipient=ada).update(next_attempt_at=timezone.now() + timedelta(hours=1))

    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            drain("EMAIL")
        # Every mail has its statements; those are counted elsewhere.
        return sum("waiting" in query["sql"] or "carried_by" in query["sql"] for query in captured)

    few = queries()
    later("EMAIL")
    assert queries() <= few + 2
    assert len(mailbox.take_all()) == 10


def told_at_once(users: Sequence[User], many: int) -> Any:
    """So many notifications for each of these admins, and only the mails of their digests left, all due."""
    Preference.objects.bulk_create(Preference(user=user, digest="hourly") for user in users)
    hour = timezone.now() - timedelta(hours=1)
    for number in range(many):
        with transaction.atomic():
            announce(
                Change(
                    event="channel_paused",
                    key=f"channel_paused:{number}",
                    at=hour,
                    actor=None,
                    resource=Resource("channel", 0, "/readyz"),
                    facts=(("channel", "PIGEON"), ("code", "storm")),
                )
            )
    mails = NotificationLog.objects.filter(notification_type="EMAIL")
    NotificationLog.objects.exclude(notification_type="EMAIL").filter(status=PENDING).update(
        status=CANCELLED, next_attempt_at=None
    )
    return mails.filter(recipient__in=users).order_by("pk")


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_what_several_claims_hold_of_one_digest_is_one_mail(order: Sequence[int], ada: User, mailbox: FakeSmtp) -> None:
    mails = told_at_once([ada], 5)
    claims = [claim("EMAIL", most=2) for _ in order]
    for place in order:
        send_batch(registry.channels()["EMAIL"], claims[place])
    assert set(mails.values_list("status", "error")) == {(SENT, "")}
    assert mails.filter(carried_by=None).count() == 1
    mailbox.take(ada.email)


@pytest.mark.django_db(transaction=True)
def test_many_senders_at_the_full_hour_send_one_mail_a_person(ada: User, mailbox: FakeSmtp) -> None:
    mails = told_at_once([ada, *newcomers(Role.ADMIN, 39, name="admin")], 4)
    while mails.filter(status=PENDING, carried_by=None):
        at_once(*[lambda: drain("EMAIL")] * 4)
        soon = timezone.now() + timedelta(seconds=3)
        mails.filter(status=PENDING, next_attempt_at__lt=soon).update(next_attempt_at=timezone.now())
        if not mails.filter(status=PENDING, next_attempt_at__lt=soon):
            later("EMAIL")
    assert len(mailbox.take_all()) == 40


def test_who_has_much_for_a_digest_leaves_the_others_theirs(
    ada: User, mailbox: FakeSmtp, monkeypatch: pytest.MonkeyPatch
) -> None:
    admins = [ada, *newcomers(Role.ADMIN, 1, name="admin")]
    mails = told_at_once(admins, 4)
    first = [mails.filter(recipient=user)[0].pk for user in admins]
    mails.exclude(pk__in=first).update(next_attempt_at=timezone.now() + timedelta(hours=1))
    monkeypatch.setattr(bundles, "MOST", 4)
    drain("EMAIL")
    assert [mails.filter(carried_by=pk).count() for pk in first] == [2, 2]
    assert len(mailbox.take_all()) == 2
