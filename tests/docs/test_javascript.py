"""The JavaScript client, in Node and against the real server: nothing missed, nothing twice, the badge always right."""

import asyncio
import json
import shutil
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from typing import Any

import pytest
from django.db import connection

from core.actions import conversations, inbox, messages, sessions, tickets, users
from core.models import Feed, NotificationLog, Role, User
from core.models.notification import SYSTEM
from core.socket_watch import watch
from tests.architecture.sources import ROOT
from tests.conftest import PASSWORD, hush, person
from tests.docs.pages import GUIDE, blocks, read
from tests.docs.player import serving
from tests.docs.tunnel import Tunnel, tunnel_to

SOON = 10.0  # seconds, on a busy machine too
SCRIPT = "tests/docs/feed_client.mjs"
POLLING = """
    const [baseUrl, access, show] = ["%(baseUrl)s", "%(access)s", console.log];
    const setTimeout = (work) => globalThis.setTimeout(work, 100); // not in 10 s
    globalThis.setTimeout(process.exit, 10_000);
"""
Raise = Callable[[], int]
Holds = Callable[[dict[str, Any]], bool]


class App:
    """Node with the client; `state` is what a page would show."""

    def __init__(self, url: str) -> None:
        self.process = subprocess.Popen(
            [node(), "--no-warnings", "--experimental-websocket", SCRIPT, url],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self.states: list[dict[str, Any]] = []
        self.reader = threading.Thread(target=self._read)
        self.reader.start()

    def _read(self) -> None:
        assert self.process.stdout
        self.states.extend(json.loads(line) for line in self.process.stdout)

    def do(self, *call: Any) -> None:
        assert self.process.stdin
        self.process.stdin.write(json.dumps(call) + "\n")
        self.process.stdin.flush()

    def wait(self, holds: Holds) -> dict[str, Any]:
        """The state for which this holds."""
        deadline = time.monotonic() + SOON
        while not (self.states and holds(self.states[-1])):
            assert self.process.poll() is None, "Node has ended; what it said stands above"
            assert time.monotonic() < deadline, f"waited in vain: {self.states[-1:]}"
            time.sleep(0.01)
        return self.states[-1]

    def shows(self, *ids: int, unread: int, connected: bool = True) -> dict[str, Any]:
        """Wait until it shows exactly these, the newest first, and this badge."""
        wanted = (list(ids), unread, connected)
        return self.wait(lambda state: (shown(state), state["unreadCount"], state["connected"]) == wanted)

    def times_connected(self) -> int:
        known = [state["connected"] for state in self.states]
        return sum(now and not before for before, now in zip([False, *known], known, strict=False))

    def close(self) -> None:
        self.process.kill()
        self.process.communicate(timeout=5)
        self.reader.join(5)


def node() -> str:
    found = shutil.which("node")
    assert found, "Node 20 or later has to be installed: it runs the JavaScript client."
    return found


def shown(state: dict[str, Any]) -> list[int]:
    return [one["id"] for one in state["notifications"]]


def flags(state: dict[str, Any]) -> list[bool]:
    return [one["is_read"] for one in state["notifications"]]


def in_room(people: list[dict[str, Any]]) -> set[tuple[int, str]]:
    return {(one["conversation"], one["user"]["username"]) for one in people}


@pytest.fixture
def tunnel(transactional_db: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[Tunnel]:
    # The server's threads must not hold connections that outlive the test database.
    monkeypatch.setitem(connection.settings_dict, "CONN_MAX_AGE", 0)
    with serving() as host, tunnel_to(host) as tunnel:
        yield tunnel


@pytest.fixture
def app(tunnel: Tunnel, ada: User) -> Iterator[App]:
    """Ada's, signed in and connected; her inbox is empty."""
    app = App(tunnel.url)
    try:
        app.do("login", "ada", PASSWORD)
        app.shows(unread=0)
        app.wait(lambda state: state["unreadMessageCount"] == 0)  # the last thing that it asks for
        yield app
    finally:
        app.close()


@pytest.fixture
def tell(ada: User, cleo: User) -> Raise:
    """Cleo raises a ticket: Ada is told. Returns the id of the notification."""

    def raise_ticket() -> int:
        ticket = tickets.create(actor=cleo, title="Bug Fix", description="Since this morning.")
        hush(ticket.pk)
        return NotificationLog.objects.get(ticket=ticket, notification_type=SYSTEM).pk

    return raise_ticket


def test_what_happens_is_shown_at_once_whoever_did_it(app: App, tell: Raise, ada: User) -> None:
    first, second, third = tell(), tell(), tell()
    app.shows(third, second, first, unread=3)
    inbox.mark_read(user=ada, ids=[first])  # on another device
    assert [one["is_read"] for one in app.shows(third, second, first, unread=2)["notifications"]] == [
        False,
        False,
        True,
    ]
    app.do("markAsRead", second)
    app.shows(third, second, first, unread=1)
    inbox.archive(user=ada, notification_id=second)
    app.shows(third, first, unread=1)
    inbox.mark_unread(user=ada, notification_id=second)
    app.shows(third, second, first, unread=2)
    app.do("markAllAsRead")
    assert flags(app.shows(third, second, first, unread=0)) == [True, True, True]


def test_what_was_missed_comes_once_and_in_order(app: App, tell: Raise, tunnel: Tunnel, ada: User) -> None:
    first, second = tell(), tell()
    app.shows(second, first, unread=2)
    with tunnel.away():
        third, fourth, fifth = tell(), tell(), tell()
        inbox.mark_all_read(user=ada, up_to_seq=1)
        inbox.mark_read(user=ada, ids=[fourth])
        app.shows(second, first, unread=2, connected=False)
    assert flags(app.shows(fifth, fourth, third, second, first, unread=3)) == [False, True, False, False, True]
    tunnel.cut()
    sixth = tell()
    app.shows(sixth, fifth, fourth, third, second, first, unread=4)
    assert [ids for ids in map(shown, app.states) if ids != sorted(set(ids), reverse=True)] == []


def test_what_was_put_away_here_and_taken_out_again_elsewhere_is_shown(
    app: App, tell: Raise, tunnel: Tunnel, ada: User
) -> None:
    first, second = tell(), tell()
    inbox.archive(user=ada, notification_id=first)
    app.shows(second, unread=1)
    with tunnel.away():
        inbox.mark_unread(user=ada, notification_id=first)
        inbox.mark_read(user=ada, ids=[first])
        app.shows(second, unread=1, connected=False)
    assert flags(app.shows(second, first, unread=1)) == [False, True]


def test_the_list_is_fetched_anew_when_positions_mean_nothing_any_more(app: App, tell: Raise, tunnel: Tunnel) -> None:
    first, second = tell(), tell()
    app.shows(second, first, unread=2)
    with tunnel.away():
        NotificationLog.objects.filter(pk=second).delete()  # not in the backup that was restored
        Feed.objects.update(epoch="restored", top_seq=1, unread={SYSTEM: {"ticket_created": 1}})
        app.wait(lambda state: not state["connected"])
    app.shows(first, unread=1)
    third = tell()
    app.shows(third, first, unread=2)


def test_a_planned_end_costs_no_wait_and_an_expired_token_no_sign_in(app: App, tell: Raise) -> None:
    app.do("let_access_expire")
    asyncio.run_coroutine_threadsafe(watch.drain(SOON), event_loop()).result(SOON)
    app.wait(lambda state: app.times_connected() == 2 and state["connected"])
    first = tell()
    app.shows(first, unread=1)


def test_where_no_socket_gets_through_it_polls(app: App, tell: Raise, tunnel: Tunnel, ada: User) -> None:
    tunnel.sockets_pass_not = True
    tunnel.cut()
    first, second = tell(), tell()
    app.shows(second, first, unread=2, connected=False)
    app.do("markAsRead", first)
    app.shows(second, first, unread=1, connected=False)
    app.do("markAllAsRead")
    app.shows(second, first, unread=0, connected=False)
    inbox.mark_unread(user=ada, notification_id=first)  # on another device
    assert flags(app.shows(second, first, unread=1, connected=False)) == [True, False]


def test_who_is_there_types_and_writes_is_shown(app: App, tunnel: Tunnel, ada: User, dan: User) -> None:
    room, _ = conversations.open_direct(actor=dan, member_id=ada.pk)
    with closing(App(tunnel.url)) as other:
        other.do("login", "dan", PASSWORD)
        other.wait(lambda state: state["connected"])
        app.do("enter", room.pk)
        other.wait(lambda state: in_room(state["present"]) == {(room.pk, "ada")})
        other.do("enter", room.pk)
        both = {(room.pk, "dan")}
        app.wait(lambda state: in_room(state["present"]) == both)
        other.do("type", room.pk)
        app.wait(lambda state: in_room(state["typing"]) == both)
        messages.post(actor=dan, conversation_id=room.pk, body="It blinks no more.")
        app.wait(lambda state: (state["unreadMessageCount"], state["typing"]) == (1, []))
        conversations.mark_read(actor=ada, conversation_id=room.pk)  # on another device
        app.wait(lambda state: state["unreadMessageCount"] == 0)
        with tunnel.away():
            messages.post(actor=dan, conversation_id=room.pk, body="Not at all.")
            app.wait(lambda state: not state["connected"])
        app.wait(lambda state: (state["unreadMessageCount"], in_room(state["present"])) == (1, both))
        other.do("leave", room.pk)
        app.wait(lambda state: state["present"] == [])


def test_it_stays_away_when_the_account_is_deactivated(app: App, ada: User) -> None:
    users.deactivate(actor=person("root", Role.ADMIN, 6), account=ada)
    app.wait(lambda state: not state["connected"])
    time.sleep(0.5)  # the wait before it came back would be 0.05 s
    assert app.states[-1]["signedIn"]  # it has not asked for another ticket, which would have told it better


def test_the_guides_badge_is_right_with_polling_alone(tunnel: Tunnel, tell: Raise, ada: User) -> None:
    poll = next(block.text for block in blocks(read(GUIDE)) if (block.language, block.note) == ("js", "poll"))
    tell()
    script = POLLING % {"baseUrl": tunnel.url, "access": sessions.start(user=ada).access} + poll
    command = [node(), "--input-type=module", "--eval", script]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        try:
            assert process.stdout.readline() == "1\n"
            inbox.mark_all_read(user=ada)
            assert process.stdout.readline() == "0\n"
        finally:
            process.kill()


def event_loop() -> asyncio.AbstractEventLoop:
    assert watch._task
    return watch._task.get_loop()
