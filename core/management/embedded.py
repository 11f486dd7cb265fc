"""Celery's own worker and beat inside the server process, for the `memory://` broker."""

import threading
import time

from celery import Celery, current_app
from celery.beat import Scheduler, Service
from celery.worker import WorkController, state
from django.conf import settings

from core.actions import jobs
from core.notifications import registry
from core.notifications.nudge import nudge


class Embedded:
    """Threads only, no fork and no signal handlers, so that it works on Windows too."""

    def __init__(self, app: Celery = current_app) -> None:
        app.conf.worker_enable_remote_control = False  # nobody sends commands to a process of its own
        self.worker = WorkController(
            app=app, hostname="embedded", without_heartbeat=True, without_mingle=True, without_gossip=True
        )
        # The plain scheduler keeps its times in memory; the usual one writes a file.
        self.beat = Service(app, max_interval=1, scheduler_cls=Scheduler)
        self.thread = threading.Thread(target=self.worker.start, name="worker", daemon=True)
        self.beat_thread = threading.Thread(target=self.beat.start, name="beat", daemon=True)

    def start(self) -> None:
        state.should_stop = False  # type: ignore[assignment]
        self.thread.start()
        self.beat_thread.start()
        nudge()  # what an earlier process left behind goes at once
        jobs.nudge()

    def begin_stop(self) -> None:
        """Tell everything to end; returns at once. Drains give back what they have not begun to send."""
        state.should_stop = True  # type: ignore[assignment]
        self.beat.stop()

    def finish_stop(self, *, seconds: float) -> bool:
        """Wait for the sends under way. False: one still hangs; its lease will end, then it is looked at again.

        A mail whose server has it and has not said so yet would then go out twice: that answer is waited for longer.
        """
        self._wait(seconds)
        if self.thread.is_alive() and any(channel.in_doubt() for channel in registry.channels().values()):
            self._wait(settings.EMAIL_TIMEOUT)
        self.beat_thread.join(1)
        return not self.thread.is_alive()

    def _wait(self, seconds: float) -> None:
        deadline = time.monotonic() + seconds
        while self.thread.is_alive() and time.monotonic() < deadline:
            nudge()  # an idle worker looks at its flag when a message comes, else only every two seconds
            self.thread.join(0.1)
