"""Loads the demo data with the real verbs, in one transaction, so that it is there whole or not at all."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from core.actions import conversations, messages, question_answers, questions, tickets, votes
from core.domain.errors import Refused
from core.management.demo.people import PEOPLE
from core.management.demo.talk import DIRECT, QUESTIONS, ROOM, ROOM_OF, Asked
from core.management.demo.tickets import STORIES, Step, Story
from core.models import Answer, DeliveryStatus, NotificationLog, Question, Ticket, User
from core.models.notification import SYSTEM

VERBS: dict[str, Callable[..., object]] = {
    "open_ticket": tickets.open_ticket,
    "start_work": tickets.start_work,
    "finish_work": tickets.finish_work,
    "approve": tickets.approve,
    "reject": tickets.reject,
    "hold": tickets.hold,
    "cancel": tickets.cancel,
    "add_comment": tickets.add_comment,
}


class NotLoaded(Refused):
    code = "demo_not_loaded"


def load_into_empty_database() -> bool:
    """Load people and tickets unless anybody is there already; returns whether it did."""
    if not settings.DEMO:
        raise NotLoaded("The demo people have a known password: they exist in demo mode (DEMO=1) only.")
    with transaction.atomic():
        if User.objects.exists():
            return False
        people = {person.username: person.create() for person in PEOPLE}
        for story in STORIES:
            play(story, people)
        talk(people)
        for asked in QUESTIONS:
            ask(asked, people)
        votes.tell_each(Question, timezone.now())  # so that nothing is left to be told in a minute
        votes.tell_each(Answer, timezone.now())
        silence()
    return True


def play(story: Story, people: dict[str, User]) -> None:
    ticket = tickets.create(
        actor=people[story.creator],
        title=story.title,
        description=story.description,
        project_name=story.project_name,
        category=story.category,
        priority=story.priority,
        tags=story.tags,
    )
    for step in story.steps:
        take(step, ticket, people)


def take(step: Step, ticket: Ticket, people: dict[str, User]) -> None:
    who, verb, words = step
    actor = people[who]
    if verb == "assign":
        ids = [people[name].pk for name in words.split(",")]
        due = timezone.now() + timedelta(days=2)
        tickets.assign(actor=actor, ticket_id=ticket.pk, assigned_to=ids, resolution_due_at=due)
        return
    said: dict[str, Any] = {"comment": words} if words else {}
    VERBS[verb](actor=actor, ticket_id=ticket.pk, **said)


def talk(people: dict[str, User]) -> None:
    """Two people among themselves, and those who have to do with a ticket in its room."""
    direct, _ = conversations.open_direct(actor=people["dan"], member_id=people["dora"].pk)
    ticket = Ticket.objects.get(title=ROOM_OF)
    room, _ = conversations.open_room(actor=people["carl"], ticket_id=ticket.pk)
    for conversation, lines in ((direct, DIRECT), (room, ROOM)):
        for who, body in lines:
            messages.post(actor=people[who], conversation_id=conversation.pk, body=body)


def ask(asked: Asked, people: dict[str, User]) -> None:
    asker = people[asked.who]
    question = questions.ask(actor=asker, title=asked.title, body=asked.body, tags=asked.tags)
    answers = [
        question_answers.answer(actor=people[who], question_id=question.pk, body=body) for who, body in asked.answers
    ]
    best = answers[0]
    question_answers.accept(actor=asker, answer_id=best.pk)
    for who in asked.votes:
        votes.vote(Question, actor=people[who], pk=question.pk, value=1)
        if people[who].pk != best.author_id:
            votes.vote(Answer, actor=people[who], pk=best.pk, value=1)


def silence() -> None:
    """Demo rows are final: nothing of them ever leaves, whatever credentials come later."""
    NotificationLog.objects.exclude(notification_type=SYSTEM).update(
        status=DeliveryStatus.SKIPPED, error="demo", next_attempt_at=None
    )
