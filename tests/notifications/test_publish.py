"""Frames leave for the sockets on a running loop, and nobody waits for that."""

import asyncio
import threading
import time
from collections.abc import Callable, Coroutine, Iterator
from typing import Any

import pytest
from channels.layers import get_channel_layer
from django.db import transaction
from pytest_django import Settings

from core.actions import tickets
from core.models import User
from core.notifications import publish
from core.notifications.publish import Publisher, group_of, push
from tests.conftest import MakeTicket
from tests.notifications.broker import black_hole
from tests.notifications.support import wait_until
from tests.stack import free_port

MEMORY = {"default": {"BACKEND": "channels.layers.InMemoryChannelLayer"}}


def redis_at(port: int) -> dict[str, Any]:
    return {
        "default": {
            "BACKEND": "channels_redis.pubsub.RedisPubSubChannelLayer",
            "CONFIG": {"hosts": [{"address": f"redis://127.0.0.1:{port}/0", "socket_connect_timeout": 0.3}]},
        }
    }


class Loop:
    """An event loop in a thread, as the server has one."""

    def __init__(self) -> None:
        self.loop = asyncio.new_event_loop()
        threading.Thread(target=self.loop.run_forever, daemon=True).start()

    def run(self, work: Coroutine[Any, Any, Any]) -> Any:
        return asyncio.run_coroutine_threadsafe(work, self.loop).result(5)

    def close(self) -> None:
        end(self.loop)


def end(loop: asyncio.AbstractEventLoop) -> None:
    """Stop a loop that runs in a thread, and close it."""
    wait_until(loop.is_running)
    loop.call_soon_threadsafe(loop.stop)
    wait_until(lambda: not loop.is_running())
    loop.close()


@pytest.fixture
def server(settings: Settings) -> Iterator[Loop]:
    """A server's loop with the in-memory layer, in use."""
    settings.CHANNEL_LAYERS = MEMORY
    loop = Loop()
    publish.use_loop(loop.loop)
    yield loop
    publish.use_loop(None)
    loop.close()


async def join(user_id: int) -> str:
    layer = get_channel_layer()
    channel: str = await layer.new_channel()
    await layer.group_add(group_of(user_id), channel)
    return channel


async def receive(channel: str) -> dict[str, Any]:
    async with asyncio.timeout(5):
        message: dict[str, Any] = await get_channel_layer().receive(channel)
        return message


def test_frames_arrive_on_the_loop_in_use_in_their_order(server: Loop) -> None:
    mine, other = server.run(join(1)), server.run(join(2))
    push([(1, {"type": "feed.moved", "seq": 1}), (2, {"type": "feed.moved", "seq": 7})])
    push([(1, {"type": "feed.moved", "seq": 2})])
    assert [server.run(receive(mine))["seq"] for _ in range(2)] == [1, 2]
    assert server.run(receive(other))["seq"] == 7


def test_however_many_are_told_at_once_all_are_told_in_order(server: Loop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(publish, "TOGETHER", 3)
    number, channels = 8, [server.run(join(user_id)) for user_id in (1, 2)]
    push([(1 + seq % 2, {"type": "feed.moved", "seq": seq}) for seq in range(number)])
    told = [[server.run(receive(channel))["seq"] for _ in range(number // 2)] for channel in channels]
    assert told == [list(range(0, number, 2)), list(range(1, number, 2))]


@pytest.mark.django_db(transaction=True)
def test_a_change_is_pushed_when_it_is_committed_and_never_before(
    server: Loop, make_ticket: MakeTicket, ada: User, cleo: User
) -> None:
    ticket = make_ticket()
    channel = server.run(join(cleo.pk))
    with transaction.atomic():
        tickets.open_ticket(actor=ada, ticket_id=ticket.pk)
        transaction.set_rollback(True)
    tickets.open_ticket(actor=ada, ticket_id=ticket.pk)
    tickets.assign(actor=ada, ticket_id=ticket.pk, assigned_to=[])
    message = server.run(receive(channel))
    assert (message["type"], message["seq"]) == ("feed.notified", 1)
    assert message["frame"]["event"] == "ticket_opened"
    assert message["frame"]["unread_count"] == 1
    assert message["frame"]["timestamp"].endswith("Z")


def test_without_a_server_a_thread_of_its_own_publishes() -> None:
    publisher = Publisher()
    loop = publisher.loop()
    assert publisher.loop() is loop
    end(loop)


def test_a_loop_that_is_closed_is_replaced() -> None:
    publisher, closed = Publisher(), asyncio.new_event_loop()
    closed.close()
    publisher.use_loop(closed)
    loop = publisher.loop()
    assert loop is not closed
    end(loop)


def test_after_a_fork_the_parents_loop_is_not_used() -> None:
    publisher = Publisher()
    parents = publisher.loop()
    publisher._process = -1  # as a child finds it
    own = publisher.loop()
    assert own is not parents
    end(parents)
    end(own)


@pytest.mark.parametrize("away", ["nobody listens", "nobody answers"])
def test_without_redis_it_is_logged_and_nobody_waits(
    away: str, server: Loop, settings: Settings, log_text: Callable[[], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(publish, "PATIENCE", 0.6)
    with black_hole() as hole:
        settings.CHANNEL_LAYERS = redis_at(hole if away == "nobody answers" else free_port())
        began = time.monotonic()
        push([(1, {"type": "feed.moved", "seq": 1}), (2, {"type": "feed.moved", "seq": 1})])
        assert time.monotonic() - began < 0.6
        wait_until(lambda: '"event": "push_failed"' in log_text())
        assert log_text().count("push_failed") == 1
        server.run(get_channel_layer().flush())


def test_after_a_failure_the_next_push_works(server: Loop, settings: Settings, log_text: Callable[[], str]) -> None:
    settings.CHANNEL_LAYERS = redis_at(free_port())
    push([(1, {"type": "feed.moved", "seq": 1})])
    wait_until(lambda: "push_failed" in log_text())
    settings.CHANNEL_LAYERS = MEMORY
    channel = server.run(join(1))
    push([(1, {"type": "feed.moved", "seq": 2})])
    assert server.run(receive(channel))["seq"] == 2


def test_a_frame_that_cannot_be_sent_is_logged_with_its_traceback(server: Loop, log_text: Callable[[], str]) -> None:
    channel = server.run(join(1))
    push([(1, {"type": "feed.moved", "seq": threading.Lock()})])
    wait_until(lambda: "push_failed" in log_text())
    assert "Traceback" in log_text()
    push([(1, {"type": "feed.moved", "seq": 2})])
    assert server.run(receive(channel))["seq"] == 2
