"""Wakes the workers after a commit, without the request waiting for the broker."""

import os
import threading
import time
from collections.abc import Callable

import structlog
from django.conf import settings

from core.notifications.queue import deliver_due

MOMENT = 0.02  # seconds: the answer goes first, and a burst becomes one message

logger = structlog.get_logger(__name__)


class Nudger:
    """Any number of nudges while one is on its way become one more. A lost one costs a sweep's wait."""

    def __init__(self, ask: Callable[[], None]) -> None:
        self._ask = ask
        self._wanted = threading.Event()
        self._lock = threading.Lock()
        self._process: int | None = None

    def nudge(self) -> None:
        """Ask for one wake-up message; returns at once."""
        self._wanted.set()
        with self._lock:
            if self._process != os.getpid():  # threads do not survive a fork
                self._process = os.getpid()
                threading.Thread(target=self._run, name="nudger", daemon=True).start()

    def _run(self) -> None:
        while True:
            self._wanted.wait()
            time.sleep(MOMENT)
            self._wanted.clear()
            try:
                self._ask()
            except Exception as error:  # noqa: BLE001 - whatever it is, the next nudge needs this thread
                logger.warning("nudge_failed", error=type(error).__name__)


def wake_up() -> None:
    deliver_due.apply_async(retry=False, expires=settings.SWEEP_SECONDS)


nudge = Nudger(wake_up).nudge
