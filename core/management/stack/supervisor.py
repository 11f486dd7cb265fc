"""Starts the whole stack in order, looks after it, and ends it in the opposite order."""

import signal
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from types import FrameType

from core.management.stack.child import Child, end
from core.management.stack.services import Pause

GLANCE_SECONDS = 0.1
ENDINGS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class AskedToEnd(Exception):
    """By SIGINT, SIGTERM or SIGHUP."""


class Supervisor:
    """Children are ended group after group, last started first, whatever happens."""

    def __init__(self) -> None:
        self.children: list[Child] = []
        self.asked_to_end = False
        self.leaving = ExitStack()

    @contextmanager
    def on_duty(self) -> Iterator[None]:
        """Until asked to end. A flag is set, which every pause looks at: it may come in the middle of anything."""
        before = {number: signal.signal(number, self._note) for number in ENDINGS}
        try:
            with suppress(AskedToEnd), self.leaving:
                yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

    def _note(self, _number: int, _frame: FrameType | None) -> None:
        self.asked_to_end = True

    def pause(self, seconds: float) -> None:
        """All waiting is done here."""
        if self.asked_to_end:
            raise AskedToEnd
        time.sleep(seconds)

    def take(
        self, children: Sequence[Child], start: Callable[[Pause], None] | None = None, *, end_within: float
    ) -> None:
        """Start these, and look after them from now on."""
        self.leaving.callback(end, children, seconds=end_within)
        if start:
            start(self.pause)
        else:
            for child in children:
                child.start()
        self.children += children

    def look_after_all(self) -> None:
        while True:
            for child in self.children:
                child.tend()
            self.pause(GLANCE_SECONDS)
