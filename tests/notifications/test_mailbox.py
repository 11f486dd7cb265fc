"""The queue of a connection."""

import asyncio
from contextlib import suppress
from typing import Any

from core.notifications.mailbox import JOINED, MOST, Mailbox


def test_every_message_comes_once_and_in_order() -> None:
    async def both() -> list[int]:
        box = Mailbox()
        box.put_nowait({"n": 0})
        getting = asyncio.create_task(several(box, 4))
        await asyncio.sleep(0)
        for n in (1, 2):
            box.put_nowait({"n": n})  # two before it wakes
        await asyncio.sleep(0)
        box.put_nowait({"n": 3})
        return await asyncio.wait_for(getting, 1)

    assert asyncio.run(both()) == [0, 1, 2, 3]


def test_who_stops_waiting_takes_nothing_along() -> None:
    async def cancelled() -> list[int]:
        box = Mailbox()
        for came_first in (False, True):
            waiting = asyncio.create_task(box.get())
            await asyncio.sleep(0)
            if came_first:
                box.put_nowait({"n": 1})
            waiting.cancel()
            with suppress(asyncio.CancelledError):
                await waiting
        box.put_nowait({"n": 2})
        return await asyncio.wait_for(several(box, 2), 1)

    assert asyncio.run(cancelled()) == [1, 2]


def test_what_nobody_fetches_is_put_in_short() -> None:
    """What the database knows, too, is read from there; of all else the newest counts."""

    async def overflow() -> list[dict[str, Any]]:
        box = Mailbox()
        kinds = ("feed.notified", "feed.moved", "state.changed", "socket.silent")
        for n in range(MOST + 2):
            box.put_nowait({"type": kinds[n % 4], "n": n})
        return [await box.get() for _ in range(5)]

    assert asyncio.run(overflow()) == [
        {"type": "state.changed", "n": MOST - 2},
        {"type": "socket.silent", "n": MOST - 1},
        JOINED,
        {"type": "feed.notified", "n": MOST},
        {"type": "feed.moved", "n": MOST + 1},
    ]


async def several(box: Mailbox, number: int) -> list[int]:
    return [(await box.get())["n"] for _ in range(number)]
