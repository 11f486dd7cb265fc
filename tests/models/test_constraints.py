"""The database itself refuses rows that no verb would write, on SQLite as on PostgreSQL."""

from collections.abc import Callable
from datetime import time, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.apps import apps
from django.db import IntegrityError, models, transaction
from django.utils.timezone import now

from core.models import (
    Answer,
    Assignment,
    Comment,
    Conversation,
    ConversationMessage,
    DeliveryAttempt,
    Feed,
    InboundMessage,
    JobRow,
    JobRun,
    Mute,
    NotificationLog,
    Preference,
    Question,
    ReadMarker,
    Reminder,
    StateValue,
    StoredAnswer,
    Suppression,
    Tag,
    Ticket,
    TicketHistory,
    User,
    Vote,
    Watch,
)

pytestmark = pytest.mark.django_db


def ticket(cleo: User, **fields: Any) -> Ticket:
    legal = {"title": "Blank page", "description": "…", "created_by": cleo, "created_at": now(), "updated_at": now()}
    return Ticket.objects.create(**legal | fields)


def row(cleo: User, **fields: Any) -> NotificationLog:
    legal = {
        "recipient": cleo,
        "notification": uuid4(),
        "dedupe_key": str(uuid4()),
        "notification_type": "SYSTEM",
        "resource_id": 1,
        "created_at": now(),
        "seq": NotificationLog.objects.count() + 1,
        "changed_seq": 1,
        "unread_seq": 1,
        "status": "SENT",
    }
    return NotificationLog.objects.create(**legal | fields)


def twice(make: Callable[[], object]) -> None:
    make()
    make()


def assign_twice(cleo: User) -> None:
    on = ticket(cleo)
    twice(lambda: Assignment.objects.create(ticket=on, user=cleo, assigned_by=cleo, assigned_at=now()))


def follow_twice(kind: type[Watch] | type[Mute], cleo: User) -> None:
    on = ticket(cleo)
    twice(lambda: kind.objects.create(ticket=on, user=cleo, created_at=now()))


def answer(cleo: User, key: str) -> None:
    StoredAnswer.objects.create(user=cleo, key=key, fingerprint="0" * 64, created_at=now())


def state(cleo: User) -> None:
    StateValue.objects.create(user=cleo, name="same", data=1, timestamp=1.5)


def history_twice(cleo: User) -> None:
    of = ticket(cleo)
    twice(lambda: TicketHistory.objects.create(ticket=of, actor=cleo, action="x", version=1, created_at=now()))


def attempt(cleo: User, **fields: Any) -> None:
    DeliveryAttempt.objects.create(delivery=row(cleo), token=uuid4(), started_at=now(), **fields)


def suppress(address: str, cause: str = "bounced") -> Suppression:
    return Suppression.objects.create(address=address, cause=cause, created_at=now())


def remind_twice(cleo: User) -> None:
    of, at = ticket(cleo), now()
    twice(lambda: Reminder.objects.create(ticket=of, kind="sla_due_soon:response", due_at=at, created_at=at))


def user(username: str = "eve", email: str = "eve@example.com", **fields: Any) -> User:
    return User.objects.create(username=username, email=email, **fields)


def question(cleo: User, **fields: Any) -> Question:
    legal = {"author": cleo, "title": "Why?", "body": "…", "created_at": now(), "updated_at": now()}
    return Question.objects.create(**legal | fields)


def reply(cleo: User, body: str = "So.") -> Answer:
    at = now()
    return Answer.objects.create(question=question(cleo), author=cleo, body=body, created_at=at, updated_at=at)


def vote(cleo: User, value: int = 1, **on: Any) -> Vote:
    return Vote.objects.create(user=cleo, value=value, **on)


def conversation(cleo: User, **fields: Any) -> Conversation:
    legal = {"low": cleo, "high": fields.get("high") or user("zoe", "zoe@example.com"), "created_at": now()}
    return Conversation.objects.create(**legal | fields)


def talk_twice(cleo: User) -> None:
    first = conversation(cleo)
    conversation(cleo, high=first.high)


def mark_twice(cleo: User) -> None:
    of = conversation(cleo)
    twice(lambda: ReadMarker.objects.create(conversation=of, user=cleo))


def job(cleo: User, **fields: Any) -> JobRun:
    return JobRun.objects.create(owner=cleo, name="export", created_at=now(), **fields)


def job_row_twice(cleo: User) -> None:
    of = job(cleo)
    twice(lambda: JobRow.objects.create(job=of, position=1, key=7))


def vote_twice(cleo: User, **on: Any) -> None:
    twice(lambda: vote(cleo, **on))


ILLEGAL: dict[str, Callable[[User], object]] = {
    "user_role_known": lambda _: user(role="OWNER"),
    "user_name_is_no_address": lambda _: user("eve@example.com"),
    "user_name_once": lambda _: user("CLEO"),
    "user_email_once": lambda _: user(email="CLEO@example.com"),
    "verified_number_once": lambda cleo: user(phone_number=cleo.phone_number, phone_verified_at=now()),
    "ticket_status_known": lambda cleo: ticket(cleo, status="LOST", opened_at=now()),
    "ticket_priority_known": lambda cleo: ticket(cleo, priority="URGENT"),
    "ticket_category_known": lambda cleo: ticket(cleo, category="WISH"),
    "ticket_has_title": lambda cleo: ticket(cleo, title=""),
    "ticket_opened_unless_new": lambda cleo: ticket(cleo, status="OPEN"),
    "ticket_started_when_worked_on": lambda cleo: ticket(cleo, status="IN_PROGRESS", opened_at=now()),
    "ticket_resolved_when_resolved": lambda cleo: ticket(cleo, status="RESOLVED", opened_at=now(), started_at=now()),
    "ticket_closed_when_closed": lambda cleo: ticket(
        cleo, status="CLOSED", opened_at=now(), started_at=now(), resolved_at=now()
    ),
    "ticket_estimate_before_due": lambda cleo: ticket(
        cleo, resolution_due_at=now(), estimated_resolution_time=now() + timedelta(hours=1)
    ),
    "ticket_paused_when_it_waits": lambda cleo: ticket(cleo, status="ON_HOLD", opened_at=now()),
    "ticket_version_counts": lambda cleo: ticket(cleo, version=0),
    "assigned_once": assign_twice,
    "watched_once": lambda cleo: follow_twice(Watch, cleo),
    "muted_once": lambda cleo: follow_twice(Mute, cleo),
    "one_answer_for_each_key": lambda cleo: twice(lambda: answer(cleo, "same")),
    "key_is_given": lambda cleo: answer(cleo, ""),
    "one_state_per_name": lambda cleo: twice(lambda: state(cleo)),
    "history_row_per_version": history_twice,
    "comment_says_something": lambda cleo: Comment.objects.create(
        ticket=ticket(cleo), author=cleo, body="", created_at=now()
    ),
    "feed_positions_in_order": lambda cleo: Feed.objects.create(user=cleo, top_seq=1, read_up_to=2),
    "one_event_is_one_message": lambda cleo: twice(lambda: row(cleo, dedupe_key="same")),
    "one_position_each": lambda cleo: twice(lambda: row(cleo, seq=7)),
    "delivery_status_known": lambda cleo: row(cleo, status="LOST"),
    "pending_has_a_time": lambda cleo: row(cleo, status="PENDING"),
    "only_sending_is_leased": lambda cleo: row(cleo, attempt_token=uuid4(), lease_until=now()),
    "attempt_finished_with_outcome": lambda cleo: attempt(cleo, finished_at=now()),
    "digest_known": lambda cleo: Preference.objects.create(user=cleo, digest="weekly"),
    "quiet_from_and_to": lambda cleo: Preference.objects.create(user=cleo, quiet_start=time(22)),
    "suppression_cause_known": lambda _: suppress("a@example.com", cause="disliked"),
    "suppressed_once": lambda _: [suppress(address) for address in ("a@example.com", "A@example.com")],
    "inbound_outcome_known": lambda cleo: InboundMessage.objects.create(
        sid="SM1", user=cleo, outcome="LOST", received_at=now()
    ),
    "reminded_once": remind_twice,
    "one_conversation_of_two": talk_twice,
    "conversation_of_two_or_of_a_ticket": lambda cleo: conversation(cleo, ticket=ticket(cleo)),
    "message_says_something_unless_deleted": lambda cleo: ConversationMessage.objects.create(
        conversation=conversation(cleo), author=cleo, body="", created_at=now()
    ),
    "one_marker_each": mark_twice,
    "question_asks_something": lambda cleo: question(cleo, body=""),
    "answer_says_something": lambda cleo: reply(cleo, ""),
    "one_vote_a_question": lambda cleo: vote_twice(cleo, question=question(cleo)),
    "one_vote_an_answer": lambda cleo: vote_twice(cleo, answer=reply(cleo)),
    "vote_up_or_down": lambda cleo: vote(cleo, 2, question=question(cleo)),
    "vote_on_one_thing": vote,
    "job_status_known": lambda cleo: job(cleo, status="LOST"),
    "job_progress_in_per_cent": lambda cleo: job(cleo, progress=101),
    "only_running_jobs_are_leased": lambda cleo: job(cleo, token=uuid4(), lease_until=now()),
    "one_outcome_a_row": job_row_twice,
}


@pytest.mark.parametrize("name", ILLEGAL)
def test_the_database_refuses(cleo: User, name: str) -> None:
    with pytest.raises(IntegrityError) as caught, transaction.atomic():
        ILLEGAL[name](cleo)
    assert any(word in str(caught.value) for word in (name, *columns(name))), caught.value


def test_every_constraint_has_a_test() -> None:
    assert {constraint.name for constraint in constraints()} == set(ILLEGAL)


def test_a_tag_exists_once() -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        twice(lambda: Tag.objects.create(name="checkout"))


def test_legal_rows_are_accepted(cleo: User) -> None:
    ticket(cleo, status="CANCELLED", paused_at=now())
    ticket(cleo, status="OPEN", opened_at=now(), paused_at=now())  # moved on by the release before this one
    row(cleo, status="SENDING", attempt_token=uuid4(), lease_until=now())
    attempt(cleo, outcome="SENT", finished_at=now())


def constraints() -> list[models.BaseConstraint]:
    return [constraint for model in apps.get_app_config("core").get_models() for constraint in model._meta.constraints]


def columns(name: str) -> list[str]:
    """How SQLite names a unique constraint of plain columns when it refuses."""
    found = next(constraint for constraint in constraints() if constraint.name == name)
    return [f".{field}" for field in found.fields] if isinstance(found, models.UniqueConstraint) else []
