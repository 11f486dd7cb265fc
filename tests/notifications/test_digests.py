"""A digest is one mail of everything that waits for it."""

from datetime import timedelta

from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from core.actions import inbox, tickets
from core.models import DeliveryStatus, NotificationLog, Preference, Priority, Role, Status, User
from core.notifications.deliver import drain
from tests.conftest import MakeTicket
from tests.fakes.smtp import FakeSmtp
from tests.notifications.chatter import later, rows_of
from tests.notifications.support import PENDING, SENT
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
