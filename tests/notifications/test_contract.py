"""What every channel and every event keeps to, whichever are registered."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from django.db import transaction
from django.utils import timezone

from core.actions.step import facts_of
from core.domain.change import Change, Person
from core.models import DeliveryStatus, NotificationLog, Status, User
from core.notifications import registry
from core.notifications.channel import Channel, DeliveryError, Transient
from core.notifications.dispatch import announce
from core.notifications.event import Event, Group
from core.notifications.gone import KINDS
from core.notifications.message import LANGUAGES, Outgoing, in_words
from tests.conftest import MakeTicket
from tests.fakes.smtp import FakeSmtp
from tests.fakes.twilio import FakeTwilio
from tests.questions import ask, reply

CHANNELS = list(registry.channels().values())
OUTGOING = [registry.channels()[key] for key in registry.outgoing_channels()]
EVENTS = list(registry.events().values())
FACTS = {"number": "INC-000042", "title": "t" * 200, "count": 1_000}
for_every_channel = pytest.mark.parametrize("channel", CHANNELS, ids=lambda channel: channel.key)
for_every_outgoing_channel = pytest.mark.parametrize("channel", OUTGOING, ids=lambda channel: channel.key)
for_every_event = pytest.mark.parametrize("event", EVENTS, ids=lambda event: event.key)


def letter(delivery_id: int = 1) -> Outgoing:
    """A delivery that has all a channel may ask for, and is hard to write."""
    return Outgoing(
        delivery_id=delivery_id,
        attempt_id=1,
        recipient_id=1,
        locale="en",
        event="ticket_assigned",
        resource="ticket-42",
        number="INC-000042",
        subject="INC-000042 assigned to you: <b>“Grüße”</b>\nX-Header: none",
        text="You have been assigned to ticket: <b>“Grüße”</b> " + "🙂" * 2_000,
        link="http://testserver/n/0123456789abcdef/",
        created_at=datetime.now(UTC),
    )


# --- Channels -----------------------------------------------------------------------------------


@for_every_channel
def test_its_key_and_reason_fit_their_columns(channel: Channel) -> None:
    assert channel.key == channel.key.upper()
    assert 0 < len(channel.key) <= 16
    assert 0 < len(channel.no_address) <= 64


@for_every_channel
def test_it_knows_where_to_reach_people(channel: Channel, dan: User) -> None:
    assert channel.address(dan)
    unreachable = channel.address(User(username="nobody"))
    assert unreachable is None or channel not in OUTGOING


@for_every_channel
def test_it_sends_once_and_says_under_which_id(
    channel: Channel, dan: User, mailbox: FakeSmtp, whatsapp: FakeTwilio
) -> None:
    address = channel.address(dan)
    assert address is not None
    provider_id = channel.send(address, letter())
    assert 0 < len(provider_id) <= 255
    assert channel.look_up(address, letter()) in {None, provider_id}
    received = [mail.text for mail in mailbox.take_all()] + [message.body for message in whatsapp.take_all()]
    assert len(received) == (channel in OUTGOING)
    assert all(letter().link in text for text in received)


@for_every_outgoing_channel
def test_while_its_provider_is_away_it_says_try_again(
    channel: Channel, dan: User, mailbox: FakeSmtp, whatsapp: FakeTwilio
) -> None:
    mailbox.stop()
    whatsapp.stop()
    address = channel.address(dan)
    assert address is not None
    with pytest.raises(DeliveryError) as caught:
        channel.send(address, letter())
    assert type(caught.value) is Transient
    assert 0 < len(caught.value.code) <= 64


@for_every_outgoing_channel
def test_it_sends_again_as_soon_as_its_provider_is_back(
    channel: Channel, dan: User, mailbox: FakeSmtp, whatsapp: FakeTwilio
) -> None:
    address = channel.address(dan)
    assert address is not None
    for delivery_id in (1, 2):
        channel.send(address, letter(delivery_id))
        mailbox.stop()
        whatsapp.stop()
        mailbox.start()
        whatsapp.start()
    assert len(mailbox.take_all()) + len(whatsapp.take_all()) == 2


@for_every_outgoing_channel
def test_who_has_no_address_is_skipped_with_the_reason(
    channel: Channel, make_ticket: MakeTicket, ada: User, deliver: Callable[[], None]
) -> None:
    User.objects.filter(pk=ada.pk).update(email="", phone_number="")
    make_ticket(quiet=False)
    deliver()
    row = NotificationLog.objects.get(recipient=ada, notification_type=channel.key)
    assert (row.status, row.error) == (DeliveryStatus.SKIPPED, channel.no_address)


# --- Events -------------------------------------------------------------------------------------


@for_every_event
def test_its_example_is_its_own(event: Event) -> None:
    assert event.example.event == event.key
    assert 0 < len(event.key) <= 64
    assert event.audience


@for_every_event
@pytest.mark.parametrize("language", LANGUAGES)
def test_its_words_name_the_ticket_and_fit(event: Event, language: str) -> None:
    change = event.example
    if change.ticket:
        change = replace(change, ticket=replace(change.ticket, title="t" * 200))
    for said in (event.message(change, language), event.together and in_words(event.together, language, **FACTS)):
        if said and change.ticket:
            assert change.ticket.number in said.subject
            assert change.ticket.title in said.text
        if said:
            assert len(said.subject) <= 300
            assert len(said.subject.splitlines()) == 1


@for_every_event
def test_it_is_said_in_every_language_differently(event: Event) -> None:
    assert sorted(event.words) == sorted(LANGUAGES)
    assert sorted(event.together) in ([], sorted(LANGUAGES))
    said = {event.message(event.example, language).text for language in LANGUAGES}
    assert len(said) == len(LANGUAGES)
    assert event.message(event.example, "de-AT") == event.message(event.example, "de")
    assert event.message(event.example, "fr") == event.message(event.example)


@for_every_event
def test_it_repeats_what_was_written(event: Event) -> None:
    if event.example.comment:
        assert event.example.comment in event.message(event.example).text


@for_every_event
def test_it_makes_one_row_per_person_and_channel_and_none_for_the_actor(
    event: Event, make_ticket: MakeTicket, ada: User, dan: User, dora: User, cleo: User
) -> None:
    change = staged(event, make_ticket, ada, dan, dora, cleo)
    for _ in range(2):  # told twice is told once
        with transaction.atomic():
            announce(change)
    rows = NotificationLog.objects.filter(event=event.key, dedupe_key=change.key)
    told = set(rows.values_list("recipient_id", flat=True))
    assert told
    assert change.actor is None or change.actor.id not in told
    for user_id in told:
        mine = rows.filter(recipient=user_id)
        assert sorted(mine.values_list("notification_type", flat=True)) == sorted(registry.channels())
        assert mine.values("notification").distinct().count() == 1


@for_every_event
def test_it_arrives_on_every_channel(
    event: Event,
    make_ticket: MakeTicket,
    ada: User,
    dan: User,
    dora: User,
    cleo: User,
    deliver: Callable[[], None],
    mailbox: FakeSmtp,
    whatsapp: FakeTwilio,
) -> None:
    change = staged(event, make_ticket, ada, dan, dora, cleo)
    with transaction.atomic():
        announce(change)
    deliver()
    rows = NotificationLog.objects.filter(event=event.key, dedupe_key=change.key)
    statuses = set(rows.values_list("status", flat=True))
    assert statuses <= {DeliveryStatus.SENT, DeliveryStatus.DELIVERED}
    told = User.objects.filter(pk__in=rows.values("recipient"))
    assert sorted(mail.to for mail in mailbox.take_all()) == sorted(user.email for user in told)
    assert sorted(one.to for one in whatsapp.take_all()) == sorted(str(user.phone_number) for user in told)


def staged(event: Event, make_ticket: MakeTicket, ada: User, dan: User, dora: User, cleo: User) -> Change:
    """The event's example, played by our people on a real ticket of Cleo's that Dan works on."""
    usual = Status.IN_PROGRESS
    ticket = make_ticket(usual if usual in (event.while_status or [usual]) else Status.RESOLVED)
    about = event.example.resource
    if about and about.type in KINDS:  # what is not there any more is not told
        question = ask(cleo)
        about = replace(about, id=question.pk if about.type == "question" else reply(ada, question).pk)
        NotificationLog.objects.all().delete()
    people = {"ada": ada, "dan": dan, "cleo": cleo}
    actor = people[event.example.actor.username] if event.example.actor else None
    return replace(
        event.example,
        key=f"{event.key}:contract",
        at=timezone.now(),
        actor=Person(actor.pk, actor.username, actor.full_name) if actor else None,
        ticket=facts_of(ticket) if event.example.ticket else None,
        resource=about,
        creator_id=cleo.pk,
        assignee_ids=(dan.pk,),
        newly_assigned_ids=(dan.pk,),
        unassigned_ids=(dora.pk,),
        member_ids=(dan.pk,) if Group.MEMBERS in event.audience else (),
        mentioned_ids=(dan.pk,) if Group.MENTIONED in event.audience else (),
    )
