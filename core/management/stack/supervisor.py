"""Starts the whole stack in order, looks after it, and ends it in the opposite order."""

import signal
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from types import FrameType

from core.management.stack.child import Child, end

GLANCE_SECONDS = 0.1
ENDINGS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Supervisor:
    """Children are ended group after group, last started first, whatever happens."""

    def __init__(self) -> None:
        self.children: list[Child] = []
        self.asked_to_end = False
        self.leaving = ExitStack()

    @contextmanager
    def on_duty(self) -> Iterator[None]:
        """A flag, not an exception: it may come in the middle of anything."""
        before = {number: signal.signal(number, self._note) for number in ENDINGS}
        try:
            with self.leaving:
                yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

    def _note(self, _number: int, _frame: FrameType | None) -> None:
        self.asked_to_end = True

    def take(self, children: Sequence[Child], start: Callable[[], None], *, end_within: float) -> None:
        """Start these, and look after them from now on."""
        self.leaving.callback(end, children, seconds=end_within)
        start()
        self.children += children

    def look_after_all(self) -> None:
        """Until SIGINT, SIGTERM or SIGHUP."""
        while not self.asked_to_end:
            for child in self.children:
                child.tend()
            time.sleep(GLANCE_SECONDS)
