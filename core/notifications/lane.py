"""So many drains of a channel at a time in each process, so that a channel that hangs holds two threads, not all."""

import threading
from collections.abc import Callable

WIDTH = 2  # while one waits for the provider, the other writes down what became of its message


class Lane:
    """A wake-up that comes while the lane is full makes it look once more, and returns at once."""

    def __init__(self) -> None:
        self._wanted = threading.Event()
        self._places = threading.BoundedSemaphore(WIDTH)

    def run(self, drain: Callable[[], None]) -> None:
        self._wanted.set()
        while self._wanted.is_set() and self._places.acquire(blocking=False):
            try:
                self._wanted.clear()
                drain()
            finally:
                self._places.release()


_lanes: dict[str, Lane] = {}


def lane(channel: str) -> Lane:
    """This process's lane of a channel (`setdefault` is atomic: two threads get the same one)."""
    return _lanes.setdefault(channel, Lane())
