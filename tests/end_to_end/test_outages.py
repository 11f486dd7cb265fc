"""PostgreSQL and Redis go away under load and come back: nothing is lost, nothing doubled, nobody restarts anything."""

import signal
import time
import uuid
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

import pytest
import requests
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect

from clients.demo_story.person import Person
from core.management.stack.child import Child
from tests.end_to_end.world import World, Writer, assert_each_once, started
from tests.fakes.smtp import FakeSmtp
from tests.fakes.twilio import FakeTwilio
from tests.notifications.support import wait_until
from tests.stack import stack

pytestmark = [
    pytest.mark.end_to_end,
    pytest.mark.timeout(150),
    pytest.mark.skipif(stack() != "distributed", reason="needs PostgreSQL and Redis"),
]
SOON = 15  # seconds until what was left behind has gone out


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    with started(tmp_path) as world:
        yield world


def go_away(child: Child) -> None:
    """At once, in the middle of whatever is under way: PostgreSQL takes SIGQUIT so, and a SIGKILL would leave parts."""
    assert child.process is not None
    child.process.send_signal(signal.SIGQUIT if child.name == "postgres" else signal.SIGKILL)
    child.process.wait(10)


def test_while_the_database_is_away_every_answer_says_so_and_then_everything_goes_on(
    world: World, mailbox: FakeSmtp, whatsapp: FakeTwilio
) -> None:
    with Person(world.url, "ada") as ada, Person(world.url, "cleo") as cleo, ThreadPoolExecutor(3) as threads:
        token = str(cleo.http.headers["Authorization"])
        writers = [Writer(world.url, token) for _ in range(3)]
        running = [threads.submit(writer.run) for writer in writers]
        try:
            wait_until(lambda: all(len(writer.raised) > 3 for writer in writers), within=20)
            before = [len(writer.raised) for writer in writers]
            go_away(world.postgres.child)
            wait_until(lambda: all(writer.refused["database_unavailable"] > 3 for writer in writers), within=20)
            assert requests.get(f"{world.url}/healthz", timeout=5).status_code == 200
            assert requests.get(f"{world.url}/readyz", timeout=5).status_code == 503
            for path in ("/api/tickets/", "/dev/outbox/"):
                response = cleo.http.get(world.url + path, timeout=5)
                assert (response.status_code, response.headers["Retry-After"]) == (503, "5")
            assert close_code(world, token) == 1011
            time.sleep(4)  # the watch looks at the sessions meanwhile
            back = datetime.now(UTC)
            world.postgres.start()
            goal = [many + 4 for many in before]
            wait_until(lambda: all(len(w.raised) > many for w, many in zip(writers, goal, strict=True)), within=20)
        finally:
            for writer in writers:
                writer.done.set()
        for one in running:
            one.result()
        titles = [title for writer in writers for title in writer.raised]
        assert_each_once(world, titles)
        assert max(second for writer in writers for second in writer.seconds) < 5
        wait_until(lambda: {frame["ticket"]["title"] for _, frame in list(ada.frames)} >= set(titles), within=SOON)
        wait_until(lambda: world.unsent(back) == 0, within=SOON)
    mails = Counter(mail.message["Message-ID"] for mail in mailbox.take_all())
    assert set(mails.values()) == {1}
    whatsapp.take_all()


def close_code(world: World, token: str) -> int:
    """How a new socket is closed."""
    address = f"ws://127.0.0.1:{world.product.port}/ws/notifications/?token={token.split()[1]}"
    with connect(address, proxy=None) as socket, pytest.raises(ConnectionClosed) as closed:
        socket.recv(timeout=10)
    assert closed.value.rcvd is not None
    return int(closed.value.rcvd.code)


def test_while_redis_is_away_writing_is_as_quick_and_then_everybody_is_told_once(
    world: World, mailbox: FakeSmtp, whatsapp: FakeTwilio
) -> None:
    with Person(world.url, "ada") as ada, Person(world.url, "cleo") as cleo:
        writer = Writer(world.url, str(cleo.http.headers["Authorization"]))
        titles = [str(uuid.uuid4()) for _ in range(20)]
        assert all(writer.write(title) for title in titles[:4])
        go_away(world.redis.child)
        for title in titles[4:]:
            assert writer.write(title)
            time.sleep(0.1)
        assert requests.get(f"{world.url}/readyz", timeout=5).json()["status"] == "degraded"
        world.redis.start()
        deadline = time.monotonic() + SOON
        while len(ada.frames) < len(titles):  # once the socket hears again, it reads what it missed
            assert time.monotonic() < deadline
            titles.append(str(uuid.uuid4()))
            assert writer.write(titles[-1])
            time.sleep(0.5)
        assert [frame["ticket"]["title"] for _, frame in ada.frames] == titles
        # Redis is given 2 s to answer: nobody waits for it, though the machine may do other things meanwhile.
        assert sorted(writer.seconds)[len(titles) // 2] < 0.5, writer.seconds
        assert max(writer.seconds) < 2, writer.seconds
        assert_each_once(world, titles)
        mails = mailbox.take_all(count=len(titles), within=SOON)
        assert set(Counter(mail.message["Message-ID"] for mail in mails).values()) == {1}
        assert len(whatsapp.take_all(count=len(titles), within=SOON)) == len(titles)
