"""Just before sending, what has changed meanwhile counts."""

from datetime import timedelta

import pytest
from celery.worker import state
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from core.actions import tickets
from core.models import DeliveryAttempt, DeliveryStatus, NotificationLog, Role, Ticket, User, Watch
from core.notifications import second_look
from core.notifications.claims import claim
from core.notifications.deliver import drain
from core.notifications.second_look import SecondLook
from tests.conftest import MakeTicket
from tests.notifications.support import PENDING, SENT, Pigeon, make_due, row_of

CANCELLED = DeliveryStatus.CANCELLED


@pytest.fixture
def assigned(pigeon: Pigeon, make_ticket: MakeTicket, ada: User, dan: User) -> Ticket:
    """Dan is being told that he is on a ticket, and Cleo that it is open."""
    ticket = make_ticket()
    tickets.assign(actor=ada, ticket_id=ticket.pk, assigned_to=[dan.pk])
    return ticket


def end_of(user: User, event: str) -> tuple[str, str]:
    row = row_of(user, "PIGEON", event)
    return row.status, row.error


def test_what_is_still_right_goes(assigned: Ticket, dan: User, cleo: User, pigeon: Pigeon) -> None:
    drain("PIGEON")
    assert end_of(dan, "ticket_assigned") == end_of(cleo, "ticket_opened") == (SENT, "")


def test_who_was_deactivated_meanwhile_hears_nothing(assigned: Ticket, dan: User, pigeon: Pigeon) -> None:
    User.objects.filter(pk=dan.pk).update(is_active=False)
    drain("PIGEON")
    assert end_of(dan, "ticket_assigned") == (CANCELLED, "recipient_inactive")
    row = row_of(dan, "PIGEON", "ticket_assigned")
    assert (row.next_attempt_at, row.lease_until, row.attempt_token, row.attempts) == (None, None, None, 0)
    assert not row.delivery_attempts.exists()


def test_who_was_taken_off_meanwhile_hears_only_that(
    assigned: Ticket, ada: User, dan: User, dora: User, pigeon: Pigeon
) -> None:
    tickets.assign(actor=ada, ticket_id=assigned.pk, assigned_to=[dora.pk])
    drain("PIGEON")
    assert end_of(dan, "ticket_assigned") == (CANCELLED, "ticket_out_of_sight")
    assert end_of(dan, "ticket_unassigned") == (SENT, "")
    assert end_of(dora, "ticket_assigned") == (SENT, "")


def test_who_has_muted_it_meanwhile_hears_only_what_pierces_that(
    assigned: Ticket, ada: User, dan: User, cleo: User, pigeon: Pigeon
) -> None:
    for user in (dan, cleo):
        tickets.mute(actor=user, ticket_id=assigned.pk)
    drain("PIGEON")
    assert end_of(cleo, "ticket_opened") == (CANCELLED, "muted")
    assert end_of(dan, "ticket_assigned") == (SENT, "")


def test_who_is_assigned_again_is_not_told_of_the_end(
    assigned: Ticket, ada: User, dan: User, dora: User, pigeon: Pigeon
) -> None:
    drain("PIGEON")
    for team in ([dora.pk], [dan.pk, dora.pk]):
        tickets.assign(actor=ada, ticket_id=assigned.pk, assigned_to=team)
    drain("PIGEON")
    assert end_of(dan, "ticket_unassigned") == (CANCELLED, "assigned_again")
    assert end_of(dora, "ticket_assigned") == (SENT, "")


def test_whose_role_no_longer_shows_the_ticket_hears_nothing(
    assigned: Ticket, dan: User, cleo: User, pigeon: Pigeon
) -> None:
    User.objects.filter(pk=dan.pk).update(role=Role.CLIENT)
    User.objects.filter(pk=cleo.pk).update(role=Role.DEVELOPER)
    drain("PIGEON")
    for user, event in ((dan, "ticket_assigned"), (cleo, "ticket_opened")):
        assert end_of(user, event) == (CANCELLED, "ticket_out_of_sight")


def test_an_admin_sees_whatever_it_was_told_of_as_a_developer(assigned: Ticket, dan: User, pigeon: Pigeon) -> None:
    User.objects.filter(pk=dan.pk).update(role=Role.ADMIN)
    assigned.assignments.all().delete()
    drain("PIGEON")
    assert end_of(dan, "ticket_assigned") == (SENT, "")


def test_of_a_ticket_that_is_gone_nobody_hears(assigned: Ticket, dan: User, pigeon: Pigeon) -> None:
    NotificationLog.objects.update(ticket=None)
    drain("PIGEON")
    assert end_of(dan, "ticket_assigned") == (CANCELLED, "ticket_out_of_sight")


def test_who_was_taken_off_but_watches_hears_on(assigned: Ticket, ada: User, dan: User, pigeon: Pigeon) -> None:
    Watch.objects.create(ticket=assigned, user=dan, created_at=assigned.created_at)
    assigned.assignments.all().delete()
    drain("PIGEON")
    assert end_of(dan, "ticket_assigned") == (SENT, "")


def test_what_a_newer_release_wrote_is_left_to_its_workers_for_a_day(
    assigned: Ticket, dan: User, cleo: User, pigeon: Pigeon
) -> None:
    NotificationLog.objects.update(event="ticket_praised")
    drain("PIGEON")
    row = row_of(dan, "PIGEON", "ticket_praised")
    assert (row.status, row.error, row.attempts, row.attempt_token) == (PENDING, "unknown_event", 0, None)
    assert row.next_attempt_at is not None
    assert timedelta(seconds=50) < row.next_attempt_at - timezone.now() <= timedelta(seconds=60)
    NotificationLog.objects.filter(recipient=dan).update(event="ticket_assigned")  # as such a worker knows it
    make_due()
    drain("PIGEON")
    assert end_of(dan, "ticket_assigned") == (SENT, "")
    long_ago = timezone.now() - timedelta(hours=24)
    NotificationLog.objects.filter(event="ticket_praised").update(created_at=long_ago)
    make_due()
    drain("PIGEON")
    assert end_of(cleo, "ticket_praised") == (DeliveryStatus.FAILED, "unknown_event")


def test_who_can_be_reached_no_more_is_skipped(assigned: Ticket, dan: User, pigeon: Pigeon) -> None:
    User.objects.filter(pk=dan.pk).update(username="")
    drain("PIGEON")
    assert end_of(dan, "ticket_assigned") == (DeliveryStatus.SKIPPED, "no_loft")


def test_a_batch_is_looked_at_in_as_many_queries_as_one_row(pigeon: Pigeon, make_ticket: MakeTicket, ada: User) -> None:
    def queries(rows: int) -> int:
        batch = claim("PIGEON")
        assert len(batch.rows) == rows
        with CaptureQueriesContext(connection) as captured:
            look = SecondLook.at(batch)
            assert [look.objection(row, pigeon) for row in batch.rows] == [None] * rows
        return len(captured)

    make_ticket(quiet=False)
    assert queries(1) == 3
    for _ in range(20):
        make_ticket(quiet=False)
    assert queries(20) == 3


def test_a_batch_that_takes_long_is_looked_at_anew(
    pigeon: Pigeon, make_ticket: MakeTicket, ada: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(second_look, "LASTS", 0.0)  # every send takes longer
    for _ in range(3):
        make_ticket(quiet=False)

    def ada_leaves() -> str:
        User.objects.filter(pk=ada.pk).update(is_active=False)
        return "flight"

    pigeon.plans.append(ada_leaves)
    drain("PIGEON")
    rows = NotificationLog.objects.filter(notification_type="PIGEON").order_by("pk")
    ends = list(rows.values_list("status", "error"))
    assert ends == [(SENT, ""), (CANCELLED, "recipient_inactive"), (CANCELLED, "recipient_inactive")]


def test_at_shutdown_the_rest_is_given_back(pigeon: Pigeon, make_ticket: MakeTicket, ada: User) -> None:
    for _ in range(3):
        make_ticket(quiet=False)

    def stop() -> str:
        state.should_stop = 0  # type: ignore[assignment]  # what SIGTERM makes of it
        return "flight"

    pigeon.plans.append(stop)
    try:
        drain("PIGEON")
        drain("PIGEON")
    finally:
        state.should_stop = None
    rows = NotificationLog.objects.filter(notification_type="PIGEON").order_by("pk")
    assert list(rows.values_list("status", flat=True)) == [SENT, PENDING, PENDING]
    assert not DeliveryAttempt.objects.filter(outcome="").exists()
    drain("PIGEON")
    assert set(rows.values_list("status", flat=True)) == {SENT}
    assert len(pigeon.sent) == 3
