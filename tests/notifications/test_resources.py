"""Every notification, of whatever event, says who did it and what it is about, and where its reader can open that."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction
from django.urls import resolve
from django.utils import timezone

from core.actions import alerts, conversations, deliveries, messages, question_answers, questions, tickets, votes
from core.actions.suppressions import suppressed
from core.models import Answer, ChannelCircuit, NotificationLog, Question, Status, Suppression, User
from core.notifications import registry
from core.notifications.dispatch import announce
from core.notifications.frames import notification_frame
from tests.conftest import MakeTicket
from tests.openapi import ApiClient

ABOUT = ("actor", "resource_type", "resource_id", "url")
NOT_OF_THE_API = {"channel"}  # how channels are is shown to admins on pages of the admin site


@pytest.fixture
def told(make_ticket: MakeTicket, ada: User, dan: User, dora: User, cleo: User, carl: User) -> list[NotificationLog]:
    """What is told when each thing that there are events about has been something to tell of."""
    ticket = make_ticket(Status.CLOSED)
    tickets.reopen(actor=cleo, ticket_id=ticket.pk, comment="Again since today.")
    tickets.add_comment(actor=cleo, ticket_id=ticket.pk, comment="What about it, @dan?")
    room, _ = conversations.open_room(actor=dan, ticket_id=ticket.pk)
    direct, _ = conversations.open_direct(actor=dan, member_id=dora.pk)
    for conversation in (room, direct):
        messages.post(actor=dan, conversation_id=conversation.pk, body="It is back.")
    question = questions.ask(actor=cleo, title="Why is it blank?", body="It was not.")
    votes.vote(Question, actor=carl, pk=question.pk, value=1)
    answer = question_answers.answer(actor=dan, question_id=question.pk, body="Reload it.")
    votes.vote(Answer, actor=carl, pk=answer.pk, value=1)
    question_answers.accept(actor=cleo, answer_id=answer.pk)
    deliveries.send_test(user=dora, channel="EMAIL")
    bounced = Suppression.objects.create(address=dan.email, cause=Suppression.Cause.BOUNCED, created_at=timezone.now())
    with transaction.atomic():
        announce(suppressed(dan, bounced))
    until = timezone.now() + timedelta(minutes=1)
    ChannelCircuit.objects.create(channel="EMAIL", code="535", open_until=until, opened_at=timezone.now())
    alerts.alert()
    return list(NotificationLog.objects.filter(notification_type="SYSTEM").select_related("recipient"))


def test_its_reader_can_open_it_and_every_way_to_read_it_says_the_same(
    told: list[NotificationLog], api: Callable[[User], ApiClient]
) -> None:
    opened = set()
    for person in {row.recipient for row in told}:
        client = api(person)
        listed = by_id(client.get("/api/notifications/?page_size=100").json())
        framed = by_id(client.get("/api/notifications/changes/?since=0").json())
        mine = {row.pk: row for row in told if row.recipient == person}
        assert listed.keys() == framed.keys() == mine.keys()
        for key, row in mine.items():
            plain = notification_frame(row, unread_count=0)
            assert about(listed[key]) == about(framed[key]) == about(plain)
            assert row.resource_type in NOT_OF_THE_API or client.get(row.url).status_code == 200, (person, row.url)
            opened.add((row.resource_type, resolve(row.url).route))
    # Of events that were not told here at least the example is where others of its kind are.
    examples = [event.example.about for event in registry.events().values()]
    assert {(example.type, resolve(example.url).route) for example in examples} == opened
    assert {kind for kind, route in opened if not route.startswith("api/")} == NOT_OF_THE_API


def by_id(page: dict[str, Any]) -> dict[int, dict[str, Any]]:
    return {row["id"]: row for row in page["results"]}


def about(shown: dict[str, Any]) -> list[Any]:
    return [shown[name] for name in ABOUT]
