"""GET and PUT /api/notifications/preferences/"""

from collections.abc import Callable
from datetime import time, timedelta
from typing import Any

import pytest
from django.utils import timezone

from core.actions import preferences
from core.models import DeliveryStatus, NotificationLog, Preference, User
from core.notifications import registry
from tests.conftest import MakeTicket
from tests.fakes.smtp import FakeSmtp
from tests.notifications.support import at_once
from tests.openapi import ApiClient
from tests.tickets import Api, queries, refused, unchecked

URL = "/api/notifications/preferences/"
NIGHT = {"start": "22:00", "end": "07:00", "timezone": "Europe/Vienna"}
NOTHING: dict[str, Any] = {"events": {}, "quiet_hours": None, "digest": "off"}


def put(client: ApiClient, **wanted: Any) -> Any:
    response = client.put(URL, NOTHING | wanted)
    assert response.status_code == 200, response.content
    return response.json()


def off(user: User) -> Any:
    return Preference.objects.get(user=user).off


def test_who_never_said_anything_wants_everything_at_once(api: Api, cleo: User) -> None:
    everywhere = dict.fromkeys(registry.channels(), True)
    body = api(cleo).get(URL).json()
    assert body == NOTHING | {"events": dict.fromkeys(registry.events_by_preference(), everywhere)}
    assert not Preference.objects.exists()


def test_what_is_put_is_answered_and_can_be_put_back_as_it_is(api: Api, cleo: User) -> None:
    client = api(cleo)
    body = put(client, events={"comment_added": {"EMAIL": False}}, quiet_hours=NIGHT, digest="daily")
    assert body["events"]["comment_added"] == {"SYSTEM": True, "EMAIL": False, "WHATSAPP": True}
    assert (body["quiet_hours"], body["digest"]) == (NIGHT, "daily")
    assert client.get(URL).json() == body
    assert put(client, **body) == body
    stored = Preference.objects.get(user=cleo)
    assert stored.off == {"EMAIL": ["comment_added"]}
    assert (stored.quiet_start, stored.quiet_end, stored.quiet_timezone) == (time(22), time(7), "Europe/Vienna")


def test_events_and_channels_that_are_not_named_stay_as_they_are(api: Api, cleo: User) -> None:
    client = api(cleo)
    put(client, events={"comment_added": {"EMAIL": False}, "mentioned": {"WHATSAPP": False}})
    put(client, events={"mentioned": {"EMAIL": False, "SYSTEM": True}, "comment_added": {}}, quiet_hours=NIGHT)
    assert off(cleo) == {"EMAIL": ["comment_added", "mentioned"], "WHATSAPP": ["mentioned"]}
    body = put(client, events={"mentioned": {"EMAIL": True, "WHATSAPP": True}})
    assert off(cleo) == {"EMAIL": ["comment_added"]}
    assert body["quiet_hours"] is None


def test_a_channel_that_is_off_for_every_event_is_off_for_those_to_come(
    api: Api, cleo: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = api(cleo)
    put(client, events={event: {"EMAIL": False} for event in registry.events_by_preference()})
    assert off(cleo) == {"EMAIL": ["*"]}
    monkeypatch.setitem(registry.own_events(), "ticket_praised", registry.events()["mentioned"])
    assert client.get(URL).json()["events"]["ticket_praised"]["EMAIL"] is False
    put(client, events={"mentioned": {"EMAIL": True}})
    assert off(cleo) == {"EMAIL": sorted({*registry.events_by_preference()} - {"mentioned"})}


def test_unsubscribing_turns_every_mail_off_and_nothing_else(api: Api, cleo: User) -> None:
    put(api(cleo), events={"mentioned": {"WHATSAPP": False}}, digest="hourly")
    for _ in range(2):
        preferences.turn_off_email(user_id=cleo.pk)
    assert off(cleo) == {"EMAIL": ["*", "!"], "WHATSAPP": ["mentioned"]}
    assert api(cleo).get(URL).json()["digest"] == "hourly"
    put(api(cleo), digest="off")
    assert off(cleo)["EMAIL"] == ["*", "!"]
    put(api(cleo), events={"mentioned": {"EMAIL": True}})
    assert off(cleo)["EMAIL"] == sorted({*registry.events_by_preference()} - {"mentioned"})


def test_preferences_are_ones_own(api: Api, cleo: User, carl: User) -> None:
    put(api(cleo), digest="daily")
    assert api(carl).get(URL).json()["digest"] == "off"


def test_what_waits_because_of_them_is_looked_at_again(
    api: Api, ada: User, make_ticket: MakeTicket, deliver: Callable[[], None], mailbox: FakeSmtp
) -> None:
    put(api(ada), events={"ticket_created": {"WHATSAPP": False}}, digest="daily")
    make_ticket(quiet=False)
    deliver()
    mail = NotificationLog.objects.get(recipient=ada, notification_type="EMAIL")
    assert (mail.status, mail.error) == (DeliveryStatus.PENDING, "digest")
    NotificationLog.objects.filter(pk=mail.pk).update(next_attempt_at=timezone.now() + timedelta(hours=20))
    put(api(ada))
    deliver()
    mailbox.take(ada.email)


@pytest.mark.parametrize(
    ("field", "wrong", "says"),
    [
        ("events", None, "may not be null"),
        ("events", [], "dictionary"),
        ("events", {"ticket_praised": {}}, "Unknown event: ticket_praised."),
        ("events", {"x" * 100: {}}, f"Unknown event: {'x' * 64}."),
        ("events", {"mentioned": None}, "mentioned: This field may not be null."),
        ("events", {"mentioned": {"PIGEON": False}}, "mentioned: Unknown channel: PIGEON."),
        ("events", {"mentioned": {"EMAIL": None}}, "mentioned: EMAIL: This field may not be null."),
        ("events", {"mentioned": {"EMAIL": "perhaps"}}, "mentioned: EMAIL: Must be a valid boolean."),
        ("events", {"mentioned": {"SYSTEM": False}}, "mentioned: SYSTEM: The inbox cannot be turned off."),
        ("quiet_hours", NIGHT | {"end": "22:00"}, "end: Quiet hours must not start and end at the same time."),
        ("quiet_hours", NIGHT | {"start": "24:00"}, "start: Enter a time such as 22:00."),
        ("quiet_hours", NIGHT | {"start": "7:00"}, "start: Enter a time such as 22:00."),
        ("quiet_hours", NIGHT | {"end": None}, "end: This field may not be null."),
        ("quiet_hours", NIGHT | {"timezone": "Mars/Olympus"}, "timezone: Enter a valid IANA time zone"),
        ("quiet_hours", NIGHT | {"days": 5}, "days: This field is not accepted here."),
        ("quiet_hours", {"start": "22:00"}, "end: This field is required."),
        ("quiet_hours", "22:00-07:00", "Invalid data."),
        ("digest", "weekly", "is not a valid choice"),
        ("digest", None, "may not be null"),
    ],
)
def test_what_is_wrong_is_refused_by_name(api: Api, cleo: User, field: str, wrong: Any, says: str) -> None:
    put(api(cleo), digest="hourly", quiet_hours=NIGHT)
    answer = refused(400, unchecked(api(cleo)).put, URL, NOTHING | {field: wrong}, format="json")
    assert set(answer) == {field}
    assert says in answer[field][0]
    body = api(cleo).get(URL).json()
    assert (body["digest"], body["quiet_hours"]) == ("hourly", NIGHT)


def test_all_three_are_required_and_nothing_else_is_taken(api: Api, cleo: User) -> None:
    client = unchecked(api(cleo))
    assert set(refused(400, client.put, URL, {}, format="json")) == set(NOTHING)
    assert set(refused(400, client.put, URL, NOTHING | {"sounds": True}, format="json")) == {"sounds"}
    assert set(refused(400, api(cleo).get, f"{URL}?user=1")) == {"user"}
    assert not Preference.objects.exists()


def test_it_is_for_who_is_signed_in(api: Api, anonymous: ApiClient, cleo: User) -> None:
    for call in (anonymous.get, anonymous.put):
        assert refused(401, call, URL)["code"] == "not_authenticated"
    for call in (api(cleo).post, api(cleo).patch, api(cleo).delete):
        assert refused(405, call, URL)["code"] == "method_not_allowed"


def test_it_takes_few_queries(api: Api, cleo: User) -> None:
    client = api(cleo)
    put(client, digest="daily")
    assert queries(lambda: client.get(URL)) == 2  # the session, the preferences


@pytest.mark.django_db(transaction=True)
def test_of_many_changes_at_once_none_is_lost(cleo: User) -> None:
    keys = list(registry.events())[:6]

    def turn_off(event: str) -> Callable[[], object]:
        events = {event: {"WHATSAPP": False}}
        return lambda: preferences.change(user=cleo, events=events, quiet_hours=None, digest="off")

    at_once(*(turn_off(event) for event in keys), lambda: preferences.turn_off_email(user_id=cleo.pk))
    assert off(cleo) == {"EMAIL": ["*", "!"], "WHATSAPP": sorted(keys)}
