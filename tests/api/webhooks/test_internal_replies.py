"""POST /webhooks/twilio/inbound/: what is said of something internal stays among staff."""

import pytest

from core.actions import tickets
from core.models import Comment, InboundMessage, NotificationLog, Status, Ticket, TicketHistory, User
from core.notifications.deliver import drain
from tests.api.webhooks.inbound import Write, outcome, says
from tests.conftest import MakeTicket
from tests.fakes.twilio import FakeTwilio
from tests.notifications.support import row_of
from tests.tickets import everything, tells

FOR_STAFF = "Only staff can read what you wrote."


@pytest.fixture
def ticket(make_ticket: MakeTicket) -> Ticket:
    """Dan works on it."""
    return make_ticket(Status.IN_PROGRESS)


@pytest.fixture
def told(ticket: Ticket, ada: User, dan: User, whatsapp: FakeTwilio) -> str:
    """Twilio's id of the message by which Dan heard of an internal comment of Ada's."""
    tickets.add_comment(actor=ada, ticket_id=ticket.pk, comment="They have not paid", is_internal=True)
    drain("WHATSAPP")
    whatsapp.take_all()
    return row_of(dan, "WHATSAPP", "comment_added").provider_id


def comments() -> list[tuple[str, bool]]:
    return list(Comment.objects.order_by("pk").values_list("body", "is_internal"))[1:]


def test_a_comment_in_reply_to_an_internal_one_is_internal(write: Write, ticket: Ticket, told: str, dan: User) -> None:
    """Nobody else is told: the creator is a client, and Ada neither raised it nor watches it."""
    with tells():
        answer = write(dan, "I will wait until they have", replied_to=told)
    assert says(answer) == f"{ticket.number}: your comment has been added. {FOR_STAFF}"
    assert comments() == [("I will wait until they have", True)]


def test_done_in_reply_to_an_internal_one_finishes_without_what_is_said(
    write: Write, ticket: Ticket, told: str, ada: User, dan: User, cleo: User
) -> None:
    with tells((cleo, "work_finished", "creator"), (ada, "work_finished", "admin")):
        answer = write(dan, "done: they have paid", replied_to=told)
    assert says(answer) == f"{ticket.number}: you have finished work. {FOR_STAFF}"
    assert comments() == [("they have paid", True)]
    assert TicketHistory.objects.get(action="finish_work").comment == ""
    before = everything()
    assert "cannot be done" in says(write(dan, "done: once more", replied_to=told))
    assert everything() == before  # nor is the comment there without the rest


def test_it_stays_internal_through_a_question(write: Write, ticket: Ticket, told: str, dan: User) -> None:
    assert "Which ticket" in says(write(dan, "INC-999999 They have paid", replied_to=told))
    assert InboundMessage.objects.get().is_internal
    assert FOR_STAFF not in says(write(dan, "INC-999999"))
    InboundMessage.objects.filter(outcome="ASKED").update(text="They have paid")
    assert says(write(dan, ticket.number)).endswith(FOR_STAFF)
    assert comments() == [("They have paid", True)]


def test_a_message_that_is_internal_in_part_is_so(write: Write, ticket: Ticket, told: str, dan: User) -> None:
    """As many comments at once are, of which one was for staff."""
    tickets.add_comment(actor=User.objects.get(username="cleo"), ticket_id=ticket.pk, comment="Any news?")
    shown = NotificationLog.objects.filter(recipient=dan, notification_type="WHATSAPP", is_internal=False)
    shown.update(provider_id=told)
    write(dan, "Not yet", replied_to=told)
    assert comments()[-1] == ("Not yet", True)


def test_who_is_no_staff_any_more_says_nothing_there(write: Write, ticket: Ticket, told: str, dan: User) -> None:
    User.objects.filter(pk=dan.pk).update(role="CLIENT")
    Ticket.objects.update(created_by=dan)
    before = everything()
    assert "not yours to do" in says(write(dan, "I heard them", replied_to=told))
    assert (outcome(), everything()) == (("REFUSED", "permission_denied"), before)
