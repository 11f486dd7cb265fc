"""POST /api/auth/me/verify_phone/"""

import json
import re
from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from django.db.models import F
from django.utils import timezone
from pytest_django import Settings

from core.actions import phone
from core.domain.errors import Conflict
from core.models import DeliveryStatus, NotificationLog, PhoneVerification, User
from core.notifications.phone_code import code_of
from core.tasks import tidy
from Management.logging import clean
from tests.fakes.twilio import FakeTwilio
from tests.notifications.support import at_once
from tests.openapi import ApiClient
from tests.tickets import NOT_ACCEPTED, Api

URL = "/api/auth/me/verify_phone/"
ME = "/api/auth/me/"
SENT = {"phone_verified": False, "expires_in": 600}
VERIFIED = {"phone_verified": True, "expires_in": None}
WRONG = {"code": ["This is not the code that was sent."]}
SPENT = {"code": ["There is no code to compare it with, or it has expired or been tried too often. Ask for a new one."]}
CODE_SID, DEFAULT_SID = "HX" + "c" * 32, "HX" + "d" * 32


@pytest.fixture(autouse=True)
def _one_hour(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("core.actions.phone.this_hour", lambda: "this hour")


@pytest.fixture
def dan(dan: User) -> User:
    """Has not verified the number, but wrote to us today."""
    User.objects.filter(pk=dan.pk).update(phone_verified_at=None, whatsapp_opted_in=False)
    return User.objects.get(pk=dan.pk)


@pytest.fixture
def client(api: Api, dan: User) -> ApiClient:
    return api(dan)


@pytest.fixture
def code(client: ApiClient, dan: User) -> str:
    """The one that was sent."""
    assert client.post(URL).status_code == 200
    return code_of(PhoneVerification.objects.get(user=dan))


def other_than(code: str) -> str:
    return f"{(int(code) + 1) % 1_000_000:06d}"


def passes(by: timedelta) -> None:
    """Let this much time pass since the code was sent."""
    PhoneVerification.objects.update(created_at=F("created_at") - by, expires_at=F("expires_at") - by)


def row_of_code() -> NotificationLog:
    return NotificationLog.objects.filter(event="phone_code").order_by("-pk")[0]


def refused(response: Any, status: int, code: str) -> Any:
    assert (response.status_code, response.json().get("code")) == (status, code), response.content
    return response


# --- It works -------------------------------------------------------------------------------------


def test_the_code_that_is_sent_verifies_the_number(
    client: ApiClient, dan: User, deliver: Callable[[], None], whatsapp: FakeTwilio
) -> None:
    assert client.post(URL).json() == SENT
    deliver()
    body = whatsapp.take(str(dan.phone_number)).body
    (code,) = re.findall(r"\b\d{6}\b", body)
    assert body.startswith(f"{code} is your code for Incident Management.")
    assert client.post(URL, {"code": code}).json() == VERIFIED
    me = client.get(ME).json()
    assert (me["phone_verified"], me["whatsapp_opted_in"]) == (True, True)
    refused(client.post(URL, {"code": code}), 409, "already_verified")
    refused(client.post(URL), 409, "already_verified")


def test_the_code_is_kept_nowhere(
    client: ApiClient, code: str, deliver: Callable[[], None], whatsapp: FakeTwilio
) -> None:
    deliver()
    whatsapp.take_all(count=1)
    for row in (*NotificationLog.objects.values(), *PhoneVerification.objects.values()):
        assert code not in re.findall(r"\d+", str(clean(row)))
    assert client.get("/api/notifications/", {"notification_type": "ALL"}).json()["count"] == 0


def test_a_template_of_its_own_gets_the_code_alone(
    client: ApiClient, dan: User, deliver: Callable[[], None], whatsapp: FakeTwilio, settings: Settings
) -> None:
    """Outside the 24 hours it needs that one: the default is of another kind."""
    User.objects.filter(pk=dan.pk).update(whatsapp_inbound_at=timezone.now() - timedelta(hours=24))
    settings.TWILIO_CONTENT_SIDS = {"default": DEFAULT_SID}
    answer = refused(client.post(URL), 409, "template_required").json()
    assert "Write something to +12025550199 by WhatsApp, then ask again." in answer["detail"]
    settings.TWILIO_CONTENT_SIDS = {"default": DEFAULT_SID, "phone_code": CODE_SID}
    assert client.post(URL).json() == SENT
    deliver()
    form = whatsapp.take(str(dan.phone_number)).form
    code = code_of(PhoneVerification.objects.get())
    assert (form["ContentSid"], json.loads(form["ContentVariables"])) == (CODE_SID, {"1": code})


def test_in_demo_mode_it_is_in_the_outbox(
    client: ApiClient, dan: User, deliver: Callable[[], None], settings: Settings
) -> None:
    User.objects.filter(pk=dan.pk).update(whatsapp_inbound_at=None, locale="ko")
    settings.TWILIO_ACCOUNT_SID, settings.DEMO = "", True
    assert client.post(URL).json() == SENT
    deliver()
    (message,) = client.get("/dev/outbox/?format=json").json()["results"]
    assert message["body"].startswith(code_of(PhoneVerification.objects.get()))
    assert "인증 코드" in message["body"]


# --- Codes that are not, or no longer, good ------------------------------------------------------


def test_a_wrong_code_is_refused_five_times_and_then_the_right_one_too(client: ApiClient, code: str, dan: User) -> None:
    for _ in range(5):
        response = client.post(URL, {"code": other_than(code)})
        assert (response.status_code, response.json()) == (400, WRONG)
    assert client.post(URL, {"code": code}).json() == SPENT
    assert not client.get(ME).json()["phone_verified"]
    passes(timedelta(minutes=1))
    assert client.post(URL).json() == SENT  # a new one may be tried anew
    assert client.post(URL, {"code": code}).json() == WRONG
    assert client.post(URL, {"code": code_of(PhoneVerification.objects.get())}).json() == VERIFIED


def test_a_code_works_for_ten_minutes(client: ApiClient, code: str) -> None:
    passes(timedelta(minutes=10))
    assert client.post(URL, {"code": code}).json() == SPENT
    assert PhoneVerification.objects.exists()
    tidy()
    assert not PhoneVerification.objects.exists()


def test_nobody_has_a_code_who_asked_for_none(client: ApiClient, db: None) -> None:
    response = client.post(URL, {"code": "123456"})
    assert (response.status_code, response.json()) == (400, SPENT)


def test_a_code_is_for_the_number_it_was_sent_to(client: ApiClient, code: str, deliver: Callable[[], None]) -> None:
    client.patch(ME, {"phone_number": "+12025550177"})
    assert client.post(URL, {"code": code}).json() == SPENT
    deliver()
    row = row_of_code()
    assert (row.status, row.error) == (DeliveryStatus.CANCELLED, "code_expired")


def test_a_code_that_could_not_be_sent_in_time_is_not_sent(
    client: ApiClient, code: str, deliver: Callable[[], None]
) -> None:
    passes(timedelta(minutes=10))
    deliver()
    assert row_of_code().error == "code_expired"


@pytest.mark.parametrize("wrong", ["", "12345", "1234567", "12345a", "١٢٣٤٥٦", 1.5, None, ["x"], {}, "\0"])
def test_what_is_no_code_is_named_and_does_not_count(client: ApiClient, code: str, wrong: Any) -> None:
    response = client.post(URL, {"code": wrong})
    assert (response.status_code, set(response.json())) == (400, {"code"})
    assert PhoneVerification.objects.get().tries == 0


def test_other_fields_are_refused(client: ApiClient, db: None) -> None:
    response = client.post(URL, {"phone_number": "+12025550177"})
    assert (response.status_code, response.json()) == (400, {"phone_number": NOT_ACCEPTED})
    assert not NotificationLog.objects.exists()


def test_nobody_verifies_without_signing_in(anonymous: ApiClient, db: None) -> None:
    refused(anonymous.post(URL), 401, "not_authenticated")
    assert anonymous.get(URL).status_code in (401, 405)


def test_who_has_no_number_has_nothing_to_verify(client: ApiClient, dan: User) -> None:
    User.objects.filter(pk=dan.pk).update(phone_number="")
    refused(client.post(URL), 409, "no_phone_number")
    assert not NotificationLog.objects.exists()


# --- Not too many ---------------------------------------------------------------------------------


def test_codes_are_a_minute_apart_and_three_an_hour(
    client: ApiClient, code: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    response = refused(client.post(URL), 429, "throttled")
    assert 50 <= int(response.headers["Retry-After"]) <= 60
    for _ in range(2):
        passes(timedelta(minutes=1))
        assert client.post(URL).status_code == 200
    passes(timedelta(minutes=1))
    response = refused(client.post(URL), 429, "throttled")
    assert 1 <= int(response.headers["Retry-After"]) <= 3_600
    assert NotificationLog.objects.filter(event="phone_code").count() == 3
    monkeypatch.setattr("core.actions.phone.this_hour", lambda: "the next hour")
    assert client.post(URL).status_code == 200


@pytest.mark.django_db(transaction=True)
def test_parallel_guesses_count_and_one_code_is_sent_at_once(api: Api, dan: User) -> None:
    clients, sent, said = [api(dan) for _ in range(8)], Counter[int](), Counter[str]()

    def ask(client: ApiClient) -> None:
        sent[client.post(URL).status_code] += 1

    def guess(client: ApiClient, code: str) -> None:
        said[client.post(URL, {"code": code}).json()["code"][0]] += 1

    at_once(*(partial(ask, one) for one in clients))
    assert sent == {200: 1, 429: 7}
    wrong = other_than(code_of(PhoneVerification.objects.get()))
    at_once(*(partial(guess, one, wrong) for one in clients))
    assert said == {WRONG["code"][0]: 5, SPENT["code"][0]: 3}
    assert PhoneVerification.objects.get().tries == 5


# --- Whose number it is ---------------------------------------------------------------------------


def test_a_number_is_taken_from_whoever_had_verified_it(client: ApiClient, dan: User, cleo: User) -> None:
    """Numbers change hands; whoever reads the code has it now."""
    client.patch(ME, {"phone_number": str(cleo.phone_number)})
    User.objects.filter(pk=dan.pk).update(whatsapp_inbound_at=timezone.now())
    assert client.post(URL).json() == SENT
    assert client.post(URL, {"code": code_of(PhoneVerification.objects.get())}).json() == VERIFIED
    cleo.refresh_from_db()
    assert (cleo.phone_verified_at, cleo.whatsapp_opted_in) == (None, False)


@pytest.mark.django_db(transaction=True)
def test_of_two_who_verify_one_number_at_once_one_has_it(api: Api, dan: User, dora: User) -> None:
    people = (dan, dora)
    state: dict[str, Any] = {"phone_number": dan.phone_number, "phone_verified_at": None}
    User.objects.filter(pk__in=[user.pk for user in people]).update(**state)
    for user in people:
        assert api(user).post(URL).status_code == 200
    codes = {user.pk: code_of(PhoneVerification.objects.get(user=user)) for user in people}
    answers: list[Any] = []

    def say(client: ApiClient, code: str) -> None:
        answers.append(client.post(URL, {"code": code}).json())

    at_once(*(partial(say, api(user), codes[user.pk]) for user in people))
    assert answers == [VERIFIED, VERIFIED]
    assert User.objects.exclude(phone_verified_at=None).count() == 1


def test_a_number_that_changes_meanwhile_is_not_verified(client: ApiClient, dan: User, cleo: User) -> None:
    """A call that began before: it would not hold whoever else has the new number."""
    client.patch(ME, {"phone_number": str(cleo.phone_number)})
    User.objects.filter(pk=dan.pk).update(whatsapp_inbound_at=timezone.now())
    client.post(URL)
    with pytest.raises(Conflict, match="just been changed"):
        phone.verify(user=dan, code=code_of(PhoneVerification.objects.get()))
    assert list(User.objects.exclude(phone_verified_at=None)) == [cleo]


def test_another_number_is_not_verified_and_the_same_one_stays_so(api: Api, ada: User, cleo: User) -> None:
    mine = {"phone_number": str(cleo.phone_number)}
    for who, path in ((cleo, ME), (ada, f"/api/users/{cleo.pk}/")):
        assert api(who).patch(path, mine).status_code == 200
        cleo.refresh_from_db()
        assert all([cleo.phone_verified_at, cleo.whatsapp_opted_in, cleo.whatsapp_inbound_at])
    me = api(cleo).patch(ME, {"phone_number": "+12025550177"}).json()
    assert (me["phone_verified"], me["whatsapp_opted_in"]) == (False, False)
    now = timezone.now()
    state: dict[str, Any] = {"phone_verified_at": now, "whatsapp_opted_in": True, "whatsapp_inbound_at": now}
    User.objects.filter(pk=cleo.pk).update(**state)
    api(ada).patch(f"/api/users/{cleo.pk}/", {"phone_number": str(ada.phone_number)})  # it may be somebody's
    cleo.refresh_from_db()
    assert (cleo.phone_verified_at, cleo.whatsapp_opted_in, cleo.whatsapp_inbound_at) == (None, False, None)
    assert User.objects.get(pk=ada.pk).phone_verified_at


@pytest.mark.parametrize("field", ["phone_verified", "phone_verified_at", "whatsapp_opted_in"])
def test_nobody_says_so_themselves(client: ApiClient, field: str) -> None:
    response = client.patch(ME, {field: True})
    assert (response.status_code, set(response.json())) == (400, {field})
