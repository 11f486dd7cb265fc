"""POST /webhooks/twilio/inbound/: STOP and START."""

from collections.abc import Callable

import pytest

from core.domain.replies import START, STOP
from core.models import PhoneVerification, Ticket, User
from core.notifications.deliver import drain
from core.notifications.phone_code import code_of
from tests.api.webhooks.inbound import URL, Write, says
from tests.fakes.twilio import FakeTwilio
from tests.notifications.support import row_of
from tests.tickets import Api

VERIFY = "/api/auth/me/verify_phone/"


def test_stop_ends_messages_and_start_turns_them_on_again(
    write: Write, ticket: Ticket, dan: User, whatsapp: FakeTwilio
) -> None:
    assert says(write(dan, "Stop ")) == "You will get no more messages here. Write START to get them again."
    drain("WHATSAPP")
    assert (row_of(dan, "WHATSAPP", "ticket_assigned").error) == "not_opted_in"
    assert str(dan.phone_number) not in {message.to for message in whatsapp.take_all()}
    assert says(write(dan, "START")) == "You will get messages here from now on. Write STOP to end them."
    assert User.objects.get(pk=dan.pk).whatsapp_opted_in
    assert "Which ticket" in says(write(dan, "start"))  # who gets messages means work by it


def test_every_keyword_of_twilios_counts_when_it_is_the_whole_message(write: Write, dan: User) -> None:
    for off, on in zip(sorted(STOP), [*START, *START], strict=True):
        write(dan, off.upper())
        assert not User.objects.get(pk=dan.pk).whatsapp_opted_in, off
        write(dan, on.title())
        assert User.objects.get(pk=dan.pk).whatsapp_opted_in, on
    write(dan, "stop the server")
    assert User.objects.get(pk=dan.pk).whatsapp_opted_in


def test_what_twilio_takes_for_a_keyword_it_answers_itself(write: Write, dan: User) -> None:
    for told, opted_in in (("STOP", False), ("START", True), ("HELP", True)):
        assert write(dan, "arrêt", OptOutType=told).messages == []
        assert User.objects.get(pk=dan.pk).whatsapp_opted_in is opted_in
    assert "INC-000123 done" in says(write(dan, "Help"))


@pytest.mark.parametrize("state", [{"phone_verified_at": None}, {"is_active": False}])
def test_stop_counts_from_anybody(write: Write, dan: User, dora: User, state: dict[str, bool | None]) -> None:
    """For every account with that number, and it opens no window."""
    User.objects.filter(pk=dora.pk).update(phone_number=dan.phone_number, phone_verified_at=None)
    User.objects.filter(pk=dan.pk).update(**state)
    User.objects.filter(pk__in=[dan.pk, dora.pk]).update(whatsapp_inbound_at=None)
    assert write(dan, "STOP").messages == []
    accounts = User.objects.filter(phone_number=dan.phone_number)
    assert list(accounts.values_list("whatsapp_opted_in", "whatsapp_inbound_at")) == 2 * [(False, None)]
    write(dan, "START")
    opted_in = {user.username: user.whatsapp_opted_in for user in accounts}
    assert opted_in == {"dan": "phone_verified_at" not in state, "dora": False}
    assert not accounts.filter(whatsapp_inbound_at=None).exists()


def test_no_code_goes_to_a_number_that_said_stop_until_it_says_start(
    whatsapp: FakeTwilio, api: Api, dan: User, deliver: Callable[[], None]
) -> None:
    """Even before any account had it."""
    number = "+12025550177"
    assert whatsapp.receive(URL, number, "STOP").messages == []
    api(dan).patch("/api/auth/me/", {"phone_number": number})
    User.objects.filter(pk=dan.pk).update(whatsapp_inbound_at=dan.whatsapp_inbound_at)
    answer = api(dan).post(VERIFY)
    assert (answer.status_code, answer.json()["code"]) == (409, "not_opted_in")
    assert "Write START to +12025550199 by WhatsApp, then ask again." in answer.json()["detail"]
    whatsapp.receive(URL, number, "START")
    assert api(dan).post(VERIFY).status_code == 200
    whatsapp.receive(URL, number, "STOP")
    deliver()
    assert row_of(dan, "WHATSAPP", "phone_code").error == "not_opted_in"
    code = code_of(PhoneVerification.objects.get())
    assert api(dan).post(VERIFY, {"code": code}).status_code == 200
    dan.refresh_from_db()
    assert (dan.phone_verified_at is not None, dan.whatsapp_opted_in) == (True, False)
