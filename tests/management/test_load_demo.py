"""The demo data: whole or not at all, in demo mode only, and nothing of it ever leaves."""

from collections.abc import Callable
from io import StringIO

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from pytest_django import Settings

from core.actions import tickets
from core.management.demo.load import load_into_empty_database
from core.management.demo.people import PASSWORD, PEOPLE
from core.models import Conversation, NotificationLog, Question, Role, Status, Ticket, User, Vote
from core.models.notification import SYSTEM

pytestmark = pytest.mark.django_db


@pytest.fixture
def demo(settings: Settings) -> None:
    settings.DEMO = True


@pytest.mark.usefixtures("demo")
def test_it_loads_people_who_can_sign_in() -> None:
    assert load_into_empty_database()
    roles = {user.username: user.role for user in User.objects.all()}
    assert roles == {
        "ada": Role.ADMIN,
        "dan": Role.DEVELOPER,
        "dora": Role.DEVELOPER,
        "cleo": Role.CLIENT,
        "carl": Role.CLIENT,
    }
    for user in User.objects.all():
        user.full_clean()
        assert user.check_password(PASSWORD)
        assert user.email == f"{user.username}@example.com"
        assert str(user.phone_number).startswith("+120255501")


@pytest.mark.usefixtures("demo")
def test_there_are_tickets_in_every_state_and_one_was_rejected() -> None:
    load_into_empty_database()
    found = set(Ticket.objects.values_list("status", flat=True))
    assert found == set(Status)
    assert Ticket.objects.filter(status=Status.IN_PROGRESS, history__action="reject").exists()


@pytest.mark.usefixtures("demo")
def test_people_talk_ask_and_answer() -> None:
    load_into_empty_database()
    assert {one.ticket is None for one in Conversation.objects.all()} == {True, False}
    assert all(one.messages.count() >= 3 for one in Conversation.objects.all())
    assert all(question.accepted_answer and question.score > 1 for question in Question.objects.all())
    assert not Vote.objects.filter(waits_since__isnull=False).exists()
    told = set(NotificationLog.objects.values_list("event", flat=True))
    assert {"message_received", "answer_created", "answer_accepted", "question_voted", "answer_voted"} <= told


@pytest.mark.usefixtures("demo")
def test_its_messages_are_final_and_nothing_is_sent(deliver: Callable[[], None]) -> None:
    load_into_empty_database()
    outgoing = NotificationLog.objects.exclude(notification_type=SYSTEM)
    assert set(outgoing.values_list("status", "error", "next_attempt_at")) == {("SKIPPED", "demo", None)}
    deliver()  # the fakes fail the test when anything arrives


@pytest.mark.usefixtures("demo")
def test_a_second_time_changes_nothing() -> None:
    assert load_into_empty_database()
    before = Ticket.objects.count()
    out = StringIO()
    call_command("load_demo", stdout=out)
    assert out.getvalue() == "There are people already: nothing loaded.\n"
    assert (User.objects.count(), Ticket.objects.count()) == (len(PEOPLE), before)


@pytest.mark.usefixtures("demo")
def test_an_error_half_way_leaves_the_database_empty(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(**_arguments: object) -> Ticket:
        raise RuntimeError("half way")

    monkeypatch.setattr(tickets, "create", broken)
    with pytest.raises(RuntimeError, match="half way"):
        load_into_empty_database()
    assert not User.objects.exists()


@pytest.mark.usefixtures("demo")
def test_the_command_says_what_it_did() -> None:
    out = StringIO()
    call_command("load_demo", stdout=out)
    assert out.getvalue() == "Demo data loaded.\n"


def test_outside_demo_mode_it_is_refused(settings: Settings) -> None:
    settings.DEMO = False
    with pytest.raises(CommandError, match="in demo mode"):
        call_command("load_demo")
    assert not User.objects.exists()
