"""GET /api/notifications/stream/: who may open it and what it begins with; tests/stream has what comes then."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import InterfaceError
from django.utils import timezone
from pytest_django import Settings

from core.actions import inbox as verbs
from core.actions import one_time_tickets, sessions
from core.models import Session, User
from tests.api.notifications.inbox import URL, Inbox, InboxOf, assert_only, assert_refuses_strangers, state
from tests.openapi import ApiClient, PlainClient
from tests.stream.reader import Event, parsed

PATH = "stream/"
ORIGIN = "https://app.example.com"


@pytest.fixture
def plain() -> PlainClient:
    """Sends what no schema knows."""
    return PlainClient()


def begin(client: ApiClient, query: str = "", **headers: Any) -> list[Event]:
    response = client.get(f"{URL}{PATH}{query}", **headers)
    assert response.status_code == 200, response.content
    assert response.headers["Content-Type"] == "text/event-stream"
    return parsed(response.content)


def test_it_begins_at_the_top(inbox: Inbox) -> None:
    assert begin(inbox.client) == [Event("connected", "0:0", {"user_id": inbox.user.pk})]
    inbox.tell(2)
    assert begin(inbox.client) == [Event("connected", "0:2", {"user_id": inbox.user.pk})]
    assert begin(inbox.client, "?last_event_id=") == begin(inbox.client)


def test_who_resumes_gets_what_was_missed_and_each_id_is_safe_to_resume_from(inbox: Inbox) -> None:
    inbox.tell(3)
    first, _, third = reversed(inbox.ids())
    verbs.mark_read(user=inbox.user, ids=[first, third])
    connected, moved, *created, beat = begin(inbox.client, "?last_event_id=0:1")
    assert (connected.name, connected.id) == ("connected", "0:1")
    assert (moved.name, moved.id, moved.data["read_ids"]) == ("state", "0:1", [first])
    assert [(event.name, event.id, event.data["is_read"]) for event in created] == [
        ("notification", "0:2", False),
        ("notification", "0:3", True),
    ]
    assert all(event.data["replay"] for event in created)
    assert beat == Event("heartbeat", "0:4", {})
    # Cut off in the middle, the rest comes again.
    assert [event.id for event in begin(inbox.client, "?last_event_id=0:2")] == ["0:2", "0:2", "0:3", "0:4"]
    assert [event.name for event in begin(inbox.client, "?last_event_id=0:4")] == ["connected", "heartbeat"]


def test_the_header_goes_before_the_parameter_which_stays_in_the_address(inbox: Inbox) -> None:
    inbox.tell(3)
    events = begin(inbox.client, "?last_event_id=0:0", HTTP_LAST_EVENT_ID="0:2")
    assert [event.id for event in events] == ["0:2", "0:3", "0:3"]


@pytest.mark.parametrize(("last", "reason"), [("other:1", "epoch"), ("0:4", "ahead"), ("0:0", "too_many")])
def test_what_cannot_be_told_whole_is_a_reset(
    inbox: Inbox, monkeypatch: pytest.MonkeyPatch, last: str, reason: str
) -> None:
    monkeypatch.setattr("core.notifications.feed.MOST", 2)
    inbox.tell(3)
    _, reset, beat = begin(inbox.client, HTTP_LAST_EVENT_ID=last)
    assert reset == Event("reset", "0:3", {"reason": reason, "epoch": "0", "seq": 3})
    assert beat.id == "0:3"


@pytest.mark.parametrize(
    "garbage", ["x", "1", ":1", "0:", "0:-1", "0:1.0", "0:" + "9" * 19, "0:٣", "a b:1", "x" * 9999]
)
def test_an_id_that_is_none_is_refused(inbox: Inbox, plain: PlainClient, garbage: str) -> None:
    token = sessions.start(user=inbox.user).access
    parameters = {"token": token, "last_event_id": garbage}
    refusals = [plain.get(URL + PATH, parameters)]
    if garbage.isascii():
        refusals.append(plain.get(URL + PATH, {"token": token}, HTTP_LAST_EVENT_ID=garbage))
    for response in refusals:
        assert response.status_code == 400
        assert set(response.json()) == {"last_event_id"}


def test_other_parameters_are_refused_by_name(inbox: Inbox) -> None:
    response = inbox.client.get(f"{URL}{PATH}?since=4&format=json")
    assert response.status_code == 400
    assert response.json() == {"format": ["Unknown parameter."], "since": ["Unknown parameter."]}


def test_strangers_are_refused(anonymous: ApiClient, inbox: Inbox) -> None:
    inbox.tell()
    assert_refuses_strangers(anonymous, "get", PATH)
    assert_refuses_strangers(anonymous, "get", f"{PATH}?token=&since=1")  # 401 before 400
    assert_refuses_strangers(anonymous, "post", PATH)
    assert_only(inbox.client, PATH, "get")


def test_a_token_or_a_ticket_in_the_address_opens_it(anonymous: ApiClient, ada: User) -> None:
    found = sessions.start(user=ada)
    ticket = one_time_tickets.issue(session=found.session)
    for token in (found.access, ticket):
        assert begin(anonymous, f"?token={token}")[0].data == {"user_id": ada.pk}
    assert refused(anonymous, ticket) == "token_invalid"  # used up
    assert refused(anonymous, found.refresh) == "token_invalid"


def test_a_ticket_is_not_used_up_by_what_opens_nothing(anonymous: ApiClient, plain: PlainClient, ada: User) -> None:
    ticket = one_time_tickets.issue(session=sessions.start(user=ada).session)
    for method in ("head", "options", "post"):
        response = getattr(plain, method)(f"{URL}{PATH}?token={ticket}")
        assert response.status_code == 401, method
    assert begin(anonymous, f"?token={ticket}")[0].data == {"user_id": ada.pk}


def test_who_may_not_come_in_any_more_is_refused_as_everywhere(anonymous: ApiClient, ada: User) -> None:
    access = sessions.start(user=ada).access
    User.objects.update(is_active=False)
    assert refused(anonymous, access) == "user_inactive"
    Session.objects.update(ended_at=timezone.now())
    assert refused(anonymous, access) == "session_ended"


def refused(client: ApiClient, token: str) -> Any:
    response = client.get(f"{URL}{PATH}?token={token}")
    assert response.status_code == 401
    assert response.headers["WWW-Authenticate"] == 'Bearer realm="api"'
    return response.json()["code"]


def test_an_inbox_is_its_persons_only(inbox_of: InboxOf, inbox: Inbox, cleo: User) -> None:
    inbox.tell()
    assert [event.name for event in begin(inbox_of(cleo).client, "?last_event_id=0:0")] == ["connected", "heartbeat"]


def test_no_cache_keeps_it_and_no_proxy_holds_it_back(inbox: Inbox) -> None:
    headers = inbox.client.get(URL + PATH).headers
    assert (headers["Cache-Control"], headers["X-Accel-Buffering"]) == ("no-store", "no")
    assert headers["X-Content-Type-Options"] == "nosniff"


def test_event_source_accepts_events_only_and_is_refused_in_json(inbox: Inbox, anonymous: ApiClient) -> None:
    assert begin(inbox.client, HTTP_ACCEPT="text/event-stream")
    response = anonymous.get(URL + PATH, HTTP_ACCEPT="text/event-stream")
    assert (response.status_code, response.json()["code"]) == (401, "not_authenticated")


def test_head_says_what_get_would(inbox: Inbox) -> None:
    response = inbox.client.head(URL + PATH)
    assert (response.status_code, response.headers["Content-Type"]) == (200, "text/event-stream")


def test_pages_of_allowed_origins_may_read_it_as_all_the_api(inbox: Inbox, anonymous: ApiClient) -> None:
    for client in (inbox.client, anonymous):
        stream, count = (client.get(URL + path, HTTP_ORIGIN=ORIGIN).headers for path in (PATH, "unread_count/"))
        names = {name for name in stream if name.startswith("access-control-")}
        assert "access-control-allow-origin" in names
        assert {name: stream[name] for name in names} == {name: count[name] for name in names}
        assert "origin" in stream["Vary"]
        assert "access-control-allow-credentials" not in names
        other = client.get(URL + PATH, HTTP_ORIGIN="https://evil.example.com").headers
        assert "Access-Control-Allow-Origin" not in other


def test_a_page_that_resumes_by_hand_may_ask_before(plain: PlainClient) -> None:
    asked: dict[str, Any] = {
        "HTTP_ORIGIN": ORIGIN,
        "HTTP_ACCESS_CONTROL_REQUEST_METHOD": "GET",
        "HTTP_ACCESS_CONTROL_REQUEST_HEADERS": "authorization, last-event-id",
    }
    response = plain.options(URL + PATH, **asked)
    assert response.status_code == 200
    assert response.headers["Access-Control-Allow-Origin"] == ORIGIN
    assert {"authorization", "last-event-id"} <= set(response.headers["Access-Control-Allow-Headers"].split(", "))


def test_another_host_is_refused_and_the_demo_stays_here(inbox: Inbox, settings: Settings) -> None:
    assert inbox.client.get(URL + PATH, HTTP_HOST="evil.example.com").status_code == 400
    settings.DEMO = True
    assert inbox.client.get(URL + PATH, REMOTE_ADDR="203.0.113.7").status_code == 403


def test_without_a_database_it_is_503(inbox: Inbox, monkeypatch: pytest.MonkeyPatch) -> None:
    def away(*arguments: Any) -> None:
        raise InterfaceError

    monkeypatch.setattr("core.notifications.feed.read", away)
    response = inbox.client.get(URL + PATH)
    assert (response.status_code, response.json()["code"]) == (503, "database_unavailable")
    assert int(response.headers["Retry-After"]) > 0


def test_opening_it_changes_nothing_and_takes_few_queries(
    inbox: Inbox, django_assert_max_num_queries: Callable[[int], Any]
) -> None:
    inbox.tell(3)
    before = state()
    with django_assert_max_num_queries(4):
        begin(inbox.client, "?last_event_id=0:0")
    assert state() == before
