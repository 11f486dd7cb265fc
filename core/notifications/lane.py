"""So many drains of a channel at a time in each process, so that a channel that hangs holds a few threads, not all."""

import threading
from collections.abc import Callable

WIDTH = 2  # while one waits for the provider, the other writes down what became of its message
URGENT_WIDTH = 1  # beside it: what is critical does not wait for a batch that is under way


class Lane:
    """A wake-up that comes while the lane is full makes it look once more, and returns at once."""

    def __init__(self, width: int = WIDTH) -> None:
        self._wanted = threading.Event()
        self._places = threading.BoundedSemaphore(width)

    def run(self, drain: Callable[[], None]) -> None:
        self._wanted.set()
        while self._wanted.is_set() and self._places.acquire(blocking=False):
            try:
                self._wanted.clear()
                drain()
            finally:
                self._places.release()


_lanes: dict[tuple[str, bool], Lane] = {}


def lane(channel: str, *, urgent: bool = False) -> Lane:
    """This process's lane of a channel (`setdefault` is atomic: two threads get the same one)."""
    return _lanes.setdefault((channel, urgent), Lane(URGENT_WIDTH if urgent else WIDTH))
