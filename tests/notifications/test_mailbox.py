"""The queue of a connection."""

import asyncio
from contextlib import suppress
from typing import Any

import pytest

from core.notifications.mailbox import JOINED, MOST, Mailbox, in_turns


class Connection:
    """Whose client and whose mailbox are dispatched in turns; it is slow in telling."""

    def __init__(self) -> None:
        self.client: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self.box, self.told, self.at_once = Mailbox(), list[int](), 0

    async def dispatch(self, message: dict[str, Any]) -> None:
        self.at_once += 1
        assert self.at_once == 1
        await asyncio.sleep(0)
        self.told.append(message["n"])
        self.at_once -= 1

    async def run(self) -> None:
        await in_turns(self.client.get, self.box, self.dispatch)

    async def tell(self, number: int) -> list[int]:
        """What was dispatched, as soon as it is so much."""
        async with asyncio.timeout(5):
            while len(self.told) < number:
                await asyncio.sleep(0)
        return self.told


async def ended(task: asyncio.Task[None]) -> None:
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task


def test_the_client_and_the_mailbox_take_turns_and_each_is_told_in_order() -> None:
    async def both() -> list[int]:
        connection = Connection()
        for n in range(3):
            connection.box.put_nowait({"n": n})
            connection.client.put_nowait({"n": 10 + n})
        running = asyncio.create_task(connection.run())
        told = [*await connection.tell(6)]
        connection.box.put_nowait({"n": 3})
        await connection.tell(7)
        connection.client.put_nowait({"n": 13})
        await connection.tell(8)
        await ended(running)
        assert told[:3] != [0, 1, 2]  # the client did not wait for all of the mailbox
        return connection.told

    told = asyncio.run(both())
    assert [n for n in told if n < 10] == [0, 1, 2, 3]
    assert [n for n in told if n >= 10] == [10, 11, 12, 13]


def test_when_it_ends_nobody_waits_for_the_client_any_more() -> None:
    async def cancelled() -> None:
        connection = Connection()
        running = asyncio.create_task(connection.run())
        await asyncio.sleep(0)
        await ended(running)
        assert asyncio.all_tasks() == {asyncio.current_task()}

    asyncio.run(cancelled())


@pytest.mark.parametrize("where", ["client", "box"])
def test_what_goes_wrong_in_dispatching_ends_it(where: str) -> None:
    async def failing() -> None:
        connection = Connection()
        getattr(connection, where).put_nowait({})
        with pytest.raises(KeyError):
            await asyncio.wait_for(connection.run(), 5)
        assert asyncio.all_tasks() == {asyncio.current_task()}

    asyncio.run(failing())


def test_what_nobody_fetches_is_put_in_short() -> None:
    """What the database knows, too, is read from there; of all else the newest counts."""
    box = Mailbox()
    kinds = ("feed.notified", "feed.moved", "state.changed", "socket.silent")
    for n in range(MOST + 2):
        box.put_nowait({"type": kinds[n % 4], "n": n})
    assert [box.take() for _ in range(6)] == [
        {"type": "state.changed", "n": MOST - 2},
        {"type": "socket.silent", "n": MOST - 1},
        JOINED,
        {"type": "feed.notified", "n": MOST},
        {"type": "feed.moved", "n": MOST + 1},
        None,
    ]
