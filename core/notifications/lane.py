"""One drain of a channel at a time in each process, so that a channel that hangs holds one thread, not all."""

import threading
from collections.abc import Callable


class Lane:
    """A wake-up that comes while the lane is busy makes it look once more, and returns at once."""

    def __init__(self) -> None:
        self._wanted = threading.Event()
        self._busy = threading.Lock()

    def run(self, drain: Callable[[], None]) -> None:
        self._wanted.set()
        while self._wanted.is_set() and self._busy.acquire(blocking=False):
            try:
                self._wanted.clear()
                drain()
            finally:
                self._busy.release()


_lanes: dict[str, Lane] = {}


def lane(channel: str) -> Lane:
    """This process's lane of a channel (`setdefault` is atomic: two threads get the same one)."""
    return _lanes.setdefault(channel, Lane())
