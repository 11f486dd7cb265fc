"""POST /webhooks/twilio/inbound/: which ticket is meant, and how often somebody is answered."""

from datetime import timedelta

import pytest
from django.utils import timezone

from core.models import Comment, InboundMessage, NotificationLog, Status, Ticket, User
from tests.api.webhooks.inbound import Write, outcome, says
from tests.conftest import MakeTicket
from tests.tickets import everything


def test_without_a_ticket_the_person_is_asked_and_the_number_completes_it_once(
    write: Write, ticket: Ticket, dan: User
) -> None:
    before = everything()
    question = says(write(dan, "The disk is full"))
    assert question == "Which ticket is “The disk is full” about? Answer with its number, such as INC-000123."
    assert (outcome(), everything()) == (("ASKED", "which_ticket"), before)

    assert says(write(dan, "INC-999999")) == "There is no ticket INC-999999 that you can see."  # the question stays
    assert says(write(dan, ticket.number)) == f"{ticket.number}: your comment has been added."
    assert Comment.objects.get().body == "The disk is full"
    asked = InboundMessage.objects.get(text="The disk is full")
    assert (asked.outcome, asked.code, asked.ticket) == ("DONE", "add_comment", ticket)

    assert "begin with the number of a ticket" in says(write(dan, ticket.number))
    assert outcome() == ("REFUSED", "help")
    assert Comment.objects.count() == 1


@pytest.mark.parametrize("number", ["{:06d}", "{}", "#{}.", "INC {}"])
def test_the_digits_alone_will_do(write: Write, ticket: Ticket, dan: User, number: str) -> None:
    assert "begin with the number of a ticket" in says(write(dan, number.format(ticket.pk)))  # nothing is asked
    write(dan, "The disk is full")
    assert says(write(dan, "#0")) == "There is no ticket INC-000000 that you can see."
    assert says(write(dan, number.format(ticket.pk))) == f"{ticket.number}: your comment has been added."
    assert [said.body for said in Comment.objects.all()] == ["The disk is full"]


def test_digits_in_reply_to_a_message_are_a_comment(write: Write, ticket: Ticket, told: str, dan: User) -> None:
    """Perhaps somebody was asked for an error's number."""
    assert says(write(dan, "50312", replied_to=told)) == f"{ticket.number}: your comment has been added."


def test_the_same_question_is_asked_once(write: Write, ticket: Ticket, dan: User) -> None:
    assert "Which ticket" in says(write(dan, "I am out of office"))
    assert write(dan, "I am out of office").messages == []
    write(dan, ticket.number)
    assert "Which ticket" in says(write(dan, "I am out of office"))


def test_ten_answers_in_ten_minutes_are_enough(write: Write, ticket: Ticket, dan: User, ada: User) -> None:
    """What is asked for is done all the same."""
    answers = [write(dan, f"{ticket.number} line {line}").messages for line in range(12)]
    assert [len(said) for said in answers] == 10 * [1] + 2 * [0]
    assert Comment.objects.count() == 12
    assert says(write(ada, "Help"))
    InboundMessage.objects.update(received_at=timezone.now() - timedelta(minutes=10))
    assert says(write(dan, "Help"))


def test_a_question_waits_for_an_hour(write: Write, ticket: Ticket, dan: User) -> None:
    write(dan, "ack")
    InboundMessage.objects.update(received_at=timezone.now() - timedelta(hours=1))
    write(dan, ticket.number)
    assert outcome() == ("REFUSED", "help")
    assert Ticket.objects.get().status == Status.OPEN


def test_nobody_guesses(write: Write, ticket: Ticket, told: str, make_ticket: MakeTicket, dan: User, ada: User) -> None:
    """Not by the message of somebody else, nor by one about several tickets, nor when number and message differ."""
    other = make_ticket(Status.OPEN, assigned_to=[dan])
    before = everything()
    assert "Which ticket" in says(write(ada, "Look at it", replied_to=told))
    assert "Which ticket" in says(write(dan, f"{other.number} ack", replied_to=told))
    assert "Which ticket" in says(write(dan, "See INC-000001, it is the same"))
    assert everything() == before
    NotificationLog.objects.filter(recipient=dan, notification_type="WHATSAPP").update(provider_id=told)
    assert "Which ticket" in says(write(dan, "ack", replied_to=told))
    assert set(InboundMessage.objects.values_list("outcome", flat=True)) == {"ASKED"}
