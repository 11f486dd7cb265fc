"""`Idempotency-Key`: what was done once is not done again, whatever happens on the way."""

from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from functools import partial
from pathlib import Path
from threading import Event
from typing import Any

import pytest
from django.db import OperationalError, connection
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory
from django.utils import timezone

from core import tasks
from core.actions import sessions, tickets
from core.models import Session, Status, StoredAnswer, Ticket, User
from core.notifications import dispatch
from core.views import idempotency
from tests.attachments.calls import BOUNDARY, assert_no_orphans, form, part
from tests.conftest import MakeTicket
from tests.openapi import ApiClient
from tests.stack import stack
from tests.tickets import URL, Api, everything, refused, tells, unchecked, url

pytestmark = pytest.mark.django_db

BODY = {"title": "Scanner is dead", "description": "It does not even blink."}


def keyed(client: Any, key: str, path: str = URL, body: Any = BODY) -> Any:
    """POST with this key; actions without input have no body."""
    return client.post(path, body, headers={"Idempotency-Key": key})


def assert_replayed(first: Any, again: Any) -> None:
    """The same answer, and a word that it is not new."""
    assert (again.status_code, again.content) == (first.status_code, first.content)
    assert again.headers["Content-Type"] == first.headers["Content-Type"]
    assert "Idempotency-Replayed" not in first.headers
    assert again.headers["Idempotency-Replayed"] == "true"


def test_the_same_again_is_the_first_answer_and_does_nothing(api: Api, ada: User, cleo: User) -> None:
    client = api(cleo)
    with tells((ada, "ticket_created", "admin")):
        first = keyed(client, "one")
        assert first.status_code == 201
        before = everything()
        assert_replayed(first, keyed(client, "one"))
        assert_replayed(first, keyed(api(cleo), "one"))  # in another session
    assert everything() == before


def test_the_first_answer_stays_when_the_world_has_moved_on(api: Api, cleo: User, make_ticket: MakeTicket) -> None:
    client = api(cleo)
    ticket = make_ticket(Status.RESOLVED)
    first = keyed(client, "yes", url(ticket, "approve"), None)
    assert first.status_code == 200
    Ticket.objects.filter(pk=ticket.pk).update(title="Something else", created_by=ticket.assignments.get().user)
    assert client.get(url(ticket)).status_code == 404
    assert_replayed(first, keyed(client, "yes", url(ticket, "approve"), None))


@pytest.mark.parametrize("other", ["body", "path", "query"])
def test_the_key_of_another_request_is_refused(api: Api, cleo: User, other: str) -> None:
    client = api(cleo)
    assert keyed(client, "one").status_code == 201
    path = {"path": "/api/notifications/mark_all_as_read/", "query": f"{URL}?a=b"}.get(other, URL)
    body = BODY | {"title": "Another"} if other == "body" else BODY
    answer = refused(422, keyed, client, "one", path, body)
    assert answer == {"detail": "This key was used for another request.", "code": "idempotency_mismatch"}


def test_a_key_is_its_persons_own(api: Api, cleo: User, carl: User) -> None:
    assert [keyed(api(user), "one").status_code for user in (cleo, carl)] == [201, 201]
    assert Ticket.objects.count() == 2


@pytest.mark.parametrize("key", ["", " ", "a b", "ключ", "x" * 256, "a\tb"])
def test_a_key_is_visible_ascii_of_some_length(api: Api, cleo: User, key: str) -> None:
    answer = refused(400, keyed, unchecked(api(cleo)), key)
    assert answer == {"Idempotency-Key": ["Must be 1 to 255 visible ASCII characters."]}
    assert keyed(api(cleo), "x" * 255).status_code == 201


def test_who_is_not_signed_in_gets_no_answer_of_somebody_else(api: Api, anonymous: ApiClient, cleo: User) -> None:
    client = api(cleo)
    assert keyed(client, "one").status_code == 201
    assert refused(401, keyed, anonymous, "one")["code"] == "not_authenticated"
    Session.objects.update(ended_at=timezone.now())
    assert refused(401, keyed, client, "one")["code"] == "session_ended"
    assert StoredAnswer.objects.count() == 1


def test_signing_in_is_not_stored(anonymous: ApiClient, cleo: User) -> None:
    credentials = {"username": "cleo", "password": "demo-password"}
    pair = [keyed(anonymous, "one", "/api/auth/login/", credentials).json() for _ in range(2)]
    assert pair[0]["refresh"] != pair[1]["refresh"]
    assert keyed(api_of(cleo), "one", "/api/auth/logout/", {"refresh": "x"}).status_code == 400
    assert not StoredAnswer.objects.exists()


def api_of(user: User) -> ApiClient:
    client = ApiClient()
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {sessions.start(user=user).access}")
    return client


def test_refusals_are_first_answers_too(api: Api, cleo: User, dan: User, make_ticket: MakeTicket) -> None:
    client, ticket = api(cleo), make_ticket(Status.IN_PROGRESS)
    calls: list[tuple[int, ApiClient, str, Any]] = [
        (400, client, URL, {"title": ""}),
        (403, api(dan), URL, BODY),
        (404, client, url(ticket.pk + 1, "approve"), None),
        (409, client, url(ticket, "approve"), None),
    ]
    firsts = []
    for number, (code, caller, path, body) in enumerate(calls):
        refused(code, keyed, unchecked(caller), str(number), path, body)
        firsts.append(keyed(unchecked(caller), str(number), path, body))
        assert firsts[-1].headers["Idempotency-Replayed"] == "true"
    stale = {"Idempotency-Key": "stale", "If-Match": '"99"'}
    refused(412, client.post, url(ticket, "approve"), None, headers=stale)
    assert client.post(url(ticket, "approve"), None, headers=stale).headers["Idempotency-Replayed"] == "true"
    tickets.finish_work(actor=dan, ticket_id=ticket.pk)
    assert keyed(client, "3", url(ticket, "approve"), None).content == firsts[3].content
    assert client.post(url(ticket, "approve"), None).status_code == 200


def test_what_may_be_better_next_time_is_tried_again(
    api: Api, cleo: User, ada: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = api(cleo)
    client.raise_request_exception = False
    with monkeypatch.context() as failing:
        failing.setattr(dispatch, "draft", full)
        refused(500, keyed, client, "one")
    refused(415, client.generic, "POST", URL, "a", "text/plain", headers={"Idempotency-Key": "one"})
    with tells((ada, "ticket_created", "admin")):
        assert keyed(client, "one").status_code == 201


def full(*_: object) -> None:
    raise OSError("no space left on device")


def test_an_answer_without_a_body_is_kept_as_it_is(rf: RequestFactory, cleo: User) -> None:
    def view(request: HttpRequest) -> HttpResponse:
        response = HttpResponse(status=204, headers={"ETag": '"7"', "Location": "/api/tickets/7/", "X-Other": "no"})
        del response["Content-Type"]
        return response

    token = sessions.start(user=cleo).access
    headers = {"Idempotency-Key": "one", "Authorization": f"Bearer {token}"}
    _, again = (idempotency.once(view)(rf.post("/api/x/", headers=headers)) for _ in range(2))
    assert (again.status_code, again.content) == (204, b"")
    kept = {"ETag": '"7"', "Location": "/api/tickets/7/", "Idempotency-Replayed": "true"}
    assert dict(again.items()) == kept


@pytest.mark.parametrize("content", [b"Hello\n", b"line\n" * 300_000], ids=["short", "too long for the memory"])
def test_a_file_sent_again_in_a_form_with_another_boundary_is_kept_once(
    api: Api, cleo: User, new_ticket: Ticket, storage: Path, content: bytes
) -> None:
    client = api(cleo)

    def send(boundary: str, content: bytes) -> Any:
        body = form(part(content)).replace(BOUNDARY.encode(), boundary.encode())
        kind = f"multipart/form-data; boundary={boundary}"
        where = url(new_ticket, "attachments")
        return client.post(where, body, content_type=kind, headers={"Idempotency-Key": "one"})

    first = send("abc", content)
    assert first.status_code == 201
    assert_replayed(first, send("xyz", content))
    assert refused(422, send, "abc", content + b"more")["code"] == "idempotency_mismatch"
    assert [attachment.size for attachment in new_ticket.attachments.all()] == [len(content)]
    assert_no_orphans(storage)


def test_after_a_day_a_key_is_as_good_as_new_and_tidied_away(api: Api, cleo: User) -> None:
    client = api(cleo)
    keyed(client, "one")
    keyed(client, "two")
    StoredAnswer.objects.update(created_at=timezone.now() - timedelta(hours=24))
    assert keyed(client, "one", body=BODY | {"title": "Tomorrow"}).status_code == 201
    assert Ticket.objects.count() == 3
    tasks.tidy()
    assert [row.key for row in StoredAnswer.objects.all()] == ["one"]


def test_without_the_header_nothing_is_asked_of_the_database(
    api: Api, cleo: User, django_assert_num_queries: Any, ada: User
) -> None:
    client = api(cleo)
    with django_assert_num_queries(1):
        client.post("/api/notifications/mark_as_read/", {})
    with django_assert_num_queries(1):
        client.get("/api/auth/me/", headers={"Idempotency-Key": "reading"})
    assert not StoredAnswer.objects.exists()


# --- At the same time -------------------------------------------------------------------------


def in_thread(call: Callable[[], Any]) -> Any:
    try:
        return call()
    finally:
        connection.close()


@pytest.mark.django_db(transaction=True)
def test_of_eight_at_once_one_raises_the_ticket_and_everybody_is_told_once(ada: User, cleo: User) -> None:
    clients = [api_of(cleo) for _ in range(8)]
    for number in range(5):
        with tells((ada, "ticket_created", "admin")), ThreadPoolExecutor(8) as threads:
            calls = [threads.submit(in_thread, partial(keyed, client, f"key-{number}")) for client in clients]
            answers = [call.result() for call in calls]
        assert Ticket.objects.count() == number + 1
        codes = Counter(answer.status_code for answer in answers)
        assert codes.keys() <= {201, 409}
        assert len({answer.content for answer in answers if answer.status_code == 201}) == 1
        again = keyed(clients[0], f"key-{number}")
        assert again.headers["Idempotency-Replayed"] == "true"


@pytest.mark.skipif(stack() == "embedded", reason="SQLite has one writer: a second request waits for the first")
@pytest.mark.django_db(transaction=True)
def test_while_the_first_is_under_way_the_second_is_told_to_wait(
    ada: User, cleo: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun, go_on, real = Event(), Event(), dispatch.draft

    def slow(*arguments: Any) -> Any:
        begun.set()
        go_on.wait(10)
        return real(*arguments)

    first, second = api_of(cleo), api_of(cleo)
    monkeypatch.setattr(dispatch, "draft", slow)
    with ThreadPoolExecutor(1) as threads:
        running = threads.submit(in_thread, lambda: keyed(first, "one"))
        assert begun.wait(10)
        waiting = keyed(second, "one")
        go_on.set()
        assert running.result().status_code == 201
    assert (waiting.status_code, waiting.headers["Retry-After"]) == (409, "1")
    detail = "The first request with this key is still under way."
    assert waiting.json() == {"detail": detail, "code": "idempotency_in_flight"}
    assert_replayed(running.result(), keyed(second, "one"))


@pytest.mark.django_db(transaction=True)
def test_a_request_that_died_half_way_has_done_nothing_and_is_done_by_the_next(
    ada: User, cleo: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its connection is cut with everything written and nothing committed, as the death of its process does."""
    client = api_of(cleo)
    client.raise_request_exception = False
    real = StoredAnswer.save

    def die(*_: Any) -> None:
        assert Ticket.objects.count() == 1
        connection.connection.close()
        raise OperationalError("the connection is lost")

    with monkeypatch.context() as dying:
        dying.setattr(StoredAnswer, "save", die)
        refused(503, keyed, client, "one")
    assert StoredAnswer.save is real
    assert StoredAnswer.objects.get().status_code is None
    with tells((ada, "ticket_created", "admin")):
        assert keyed(client, "one").status_code == 201
