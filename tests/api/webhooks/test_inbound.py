"""POST /webhooks/twilio/inbound/"""

from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from core.models import Comment, InboundMessage, NotificationLog, Status, Ticket, User
from core.tasks import tidy
from tests.api.webhooks.inbound import SID, URL, Write, last, outcome, says
from tests.conftest import MakeTicket
from tests.fakes.twilio import FakeTwilio
from tests.fakes.twilio_webhooks import signature
from tests.notifications.support import at_once, row_of
from tests.stack import TWILIO_AUTH_TOKEN
from tests.tickets import assert_recorded, everything, tells

# --- Replies --------------------------------------------------------------------------------------


@pytest.mark.parametrize("text", ["ack", " START\n"])
def test_ack_or_start_starts_work_on_the_ticket_of_the_message_replied_to(
    write: Write, ticket: Ticket, told: str, dan: User, cleo: User, text: str
) -> None:
    with tells((cleo, "work_started", "creator")):
        answer = write(dan, text, replied_to=told)
    assert says(answer) == f"{ticket.number}: you have started work."
    assert_recorded(ticket, dan, "start_work", "OPEN", "IN_PROGRESS")
    assert (outcome(), last().user, last().ticket) == (("DONE", "start_work"), dan, ticket)


def test_done_finishes_with_what_else_is_said(
    write: Write, make_ticket: MakeTicket, dan: User, ada: User, cleo: User
) -> None:
    ticket = make_ticket(Status.IN_PROGRESS)
    NotificationLog.objects.filter(pk=row_of(dan, "WHATSAPP", "ticket_assigned").pk).update(provider_id=SID)
    with tells((cleo, "work_finished", "creator"), (ada, "work_finished", "admin")):
        answer = write(dan, "Done: the disk was full", replied_to=SID)
    assert says(answer) == f"{ticket.number}: you have finished work."
    assert_recorded(ticket, dan, "finish_work", "IN_PROGRESS", "RESOLVED", comment="the disk was full")


def test_any_other_text_becomes_a_comment(write: Write, ticket: Ticket, told: str, dan: User, cleo: User) -> None:
    with tells((cleo, "comment_added", "creator")):
        answer = write(dan, "Which browser,\r\nand since when?", replied_to=told)
    assert says(answer) == f"{ticket.number}: your comment has been added."
    assert_recorded(ticket, dan, "add_comment", "OPEN", "OPEN")
    said = Comment.objects.get()
    assert (said.author, said.body, said.is_internal) == (dan, "Which browser,\nand since when?", False)


def test_who_names_the_ticket_need_not_reply(write: Write, ticket: Ticket, dan: User) -> None:
    assert says(write(dan, f"{ticket.number} ack")) == f"{ticket.number}: you have started work."
    assert says(write(dan, f"inc {ticket.pk}, done")) == f"{ticket.number}: you have finished work."
    assert Ticket.objects.get().status == Status.RESOLVED


def test_the_answer_is_in_the_persons_language(write: Write, ticket: Ticket, told: str, dan: User) -> None:
    User.objects.filter(pk=dan.pk).update(locale="de-AT")
    assert says(write(dan, "ack", replied_to=told)) == f"{ticket.number}: Sie haben die Arbeit begonnen."


# --- Refused --------------------------------------------------------------------------------------

REFUSED = [
    ("dan", "INC-{pk:06d} done ok", "too_short", "that is too short"),
    ("dan", "INC-{pk:06d} ??", "too_short", "that is too short"),
    ("dan", "INC-{pk:06d} \u200b\u200b\u200b\u200b", "too_short", "that is too short"),
    ("dan", "INC-{pk:06d} " + "x" * 2_001, "too_long", "at most 2,000 characters"),
    ("dan", "INC-{pk:06d} " + "x" * 50_000, "too_long", "at most 2,000 characters"),
    ("dan", "INC-{pk:06d} done fixed it", "invalid_transition", "cannot be done as the ticket stands"),
    ("cleo", "INC-{pk:06d} ack", "permission_denied", "not yours to do"),
    ("carl", "INC-{pk:06d} ack", "not_found", "There is no ticket"),
    ("dan", "INC-" + "9" * 18 + " x", "not_found", "There is no ticket"),
    ("dan", "", "no_text", "Only text"),
    ("dan", "\u200b\0\x07", "no_text", "Only text"),
]


@pytest.mark.parametrize(("who", "text", "code", "words"), REFUSED)
def test_what_is_refused_is_said_and_changes_nothing(
    write: Write, ticket: Ticket, carl: User, who: str, text: str, code: str, words: str
) -> None:
    before = everything()
    answer = write(User.objects.get(username=who), text.format(pk=ticket.pk), NumMedia="1")
    assert words in says(answer)
    assert (outcome(), everything()) == (("REFUSED", code), before)


def test_the_words_beside_a_file_are_taken(write: Write, ticket: Ticket, dan: User) -> None:
    answer = says(write(dan, f"{ticket.number} What I see", NumMedia="1"))
    assert answer.startswith(f"{ticket.number}: your comment has been added. The file was not taken.")
    assert Comment.objects.get().body == "What I see"


@pytest.mark.parametrize("phone", ["unverified", "deactivated", "unknown", "by SMS"])
def test_strangers_learn_nothing(write: Write, whatsapp: FakeTwilio, ticket: Ticket, dan: User, phone: str) -> None:
    before = timezone.now()
    state: dict[str, Any] = {"unverified": {"phone_verified_at": None}, "deactivated": {"is_active": False}}
    User.objects.filter(pk=dan.pk).update(whatsapp_inbound_at=None, **state.get(phone, {}))
    tickets, number = everything(), "+12025550166" if phone == "unknown" else str(dan.phone_number)
    more = {"From": number} if phone == "by SMS" else {}
    answer = whatsapp.receive(URL, number, f"{ticket.number} help", **more)
    assert (answer.status, answer.messages, everything()) == (200, [], tickets)
    wrote_at = User.objects.get(pk=dan.pk).whatsapp_inbound_at
    if phone in ("unknown", "by SMS"):
        assert (wrote_at, InboundMessage.objects.count()) == (None, 0)
    else:
        assert (last().user, last().text, outcome()) == (None, "", ("IGNORED", ""))
        assert wrote_at
        assert wrote_at >= before


# --- Once -----------------------------------------------------------------------------------------


def test_the_same_message_again_does_nothing(write: Write, ticket: Ticket, told: str, dan: User) -> None:
    assert says(write(dan, "Which browser?", replied_to=told, MessageSid=SID))
    User.objects.filter(pk=dan.pk).update(whatsapp_inbound_at=None)
    before = everything()
    assert write(dan, "Which browser?", replied_to=told, MessageSid=SID).messages == []
    assert (everything(), InboundMessage.objects.count()) == (before, 1)
    assert User.objects.get(pk=dan.pk).whatsapp_inbound_at is None


@pytest.mark.django_db(transaction=True)
def test_the_same_message_many_times_at_once_is_done_once(write: Write, ticket: Ticket, dan: User, cleo: User) -> None:
    other = {"user": cleo, "text": f"{ticket.number} Mine, too", "MessageSid": "SM" + "b" * 32}
    mine = partial(write, dan, f"{ticket.number} Which browser?", MessageSid=SID)
    at_once(*4 * [mine], *2 * [partial(write, **other)])
    assert sorted(Comment.objects.values_list("body", flat=True)) == ["Mine, too", "Which browser?"]
    assert InboundMessage.objects.count() == 2


# --- The webhook itself ---------------------------------------------------------------------------


def test_only_what_twilio_has_signed_is_looked_at(whatsapp: FakeTwilio, db: None, settings: Settings) -> None:
    form = {"MessageSid": SID, "From": "whatsapp:+12025550102", "Body": "Stop", "Unknown": "…"}
    good = signature(URL, form, TWILIO_AUTH_TOKEN)
    wrong = {
        "no signature": (form, {}),
        "another token": (form, {"X-Twilio-Signature": signature(URL, form, "another")}),
        "another address": (form, {"X-Twilio-Signature": signature(f"{URL}?x=1", form, TWILIO_AUTH_TOKEN)}),
        "another form": (form | {"Body": "Start"}, {"X-Twilio-Signature": good}),
    }
    for what, (sent, headers) in wrong.items():
        answer = whatsapp.post(URL, sent, headers)
        assert (answer.status, "signature_invalid" in answer.text) == (403, True), what
    settings.TWILIO_AUTH_TOKEN = ""
    assert whatsapp.post(URL, form, {"X-Twilio-Signature": signature(URL, form, "")}).status == 403
    assert not InboundMessage.objects.exists()
    settings.TWILIO_AUTH_TOKEN = TWILIO_AUTH_TOKEN
    assert whatsapp.post(URL, form, {"X-Twilio-Signature": good}).status == 200


def test_the_address_that_counts_is_the_public_one(whatsapp: FakeTwilio, db: None, settings: Settings) -> None:
    settings.PUBLIC_URL = "https://incidents.example.com"
    form = {"MessageSid": SID, "From": "whatsapp:+12025550102", "Body": "Hello"}
    signed = signature("https://incidents.example.com/webhooks/twilio/inbound/", form, TWILIO_AUTH_TOKEN)
    assert whatsapp.post(URL, form, {"X-Twilio-Signature": signed}).status == 200


@pytest.mark.parametrize("sid", ["", SID[:-1], SID.upper(), f"CA{SID[2:]}", f"{SID}\n"])
def test_a_message_without_an_id_is_refused(write: Write, dan: User, sid: str) -> None:
    answer = write(dan, "Hello", MessageSid=sid)
    assert (answer.status, "MessageSid" in answer.text) == (400, True)
    assert not InboundMessage.objects.exists()


def test_a_form_cut_otherwise_under_the_same_signature_is_no_other_message(
    whatsapp: FakeTwilio, dan: User, db: None
) -> None:
    """Twilio signs names and values strung together."""
    form = {"Body": "Hello", "From": f"whatsapp:{dan.phone_number}", "MessageSid": SID, "MessageType": "text"}
    headers = {"X-Twilio-Signature": signature(URL, form, TWILIO_AUTH_TOKEN)}
    assert whatsapp.post(URL, form, headers).status == 200
    otherwise = {"Body": "Hello", "From": form["From"], "MessageSid": f"{SID}MessageTypetext"}
    assert whatsapp.post(URL, otherwise, headers).status == 400
    assert InboundMessage.objects.count() == 1


def test_what_is_no_id_is_no_reply(write: Write, ticket: Ticket, told: str, dan: User) -> None:
    assert "Which ticket" in says(write(dan, "Look at it", replied_to=f"{told}\0"))


def test_other_methods_and_bodies_are_refused(client: Client) -> None:
    assert client.get(URL).status_code == 405
    assert client.post(URL, "{}", content_type="application/json").status_code == 415


def test_what_was_written_is_forgotten_in_time_but_not_that_it_was(write: Write, ticket: Ticket, dan: User) -> None:
    write(dan, f"{ticket.number} Hello", MessageSid=SID)
    tidy()
    assert last().text == f"{ticket.number} Hello"
    InboundMessage.objects.update(received_at=timezone.now() - timedelta(days=90))
    tidy()
    assert (last().text, last().sid) == ("", SID)
    assert write(dan, f"{ticket.number} Hello", MessageSid=SID).messages == []
    assert Comment.objects.count() == 1
