"""One process of the stack: started, started again when it dies, and ended."""

import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path

import structlog

SHORT_LIFE = 5.0  # seconds; who lives shorter is not started again at once
LONGEST_PAUSE = 30.0
PR_SET_PDEATHSIG = 1
libc = ctypes.CDLL(None) if sys.platform == "linux" else None  # only Linux has it

logger = structlog.get_logger(__name__)


class NotStarted(Exception):
    """Something is not installed, may not be where it is, or does not answer."""


class Child:
    """A command. In a session of its own: Ctrl-C in the terminal reaches the supervisor, which ends all in order.

    On Linux it ends with the thread that started it, even when that is killed.
    """

    def __init__(
        self,
        name: str,
        command: Sequence[str],
        *,
        environment: Mapping[str, str] | None = None,
        log: Path | None = None,
        user: str | None = None,
        inherits: Sequence[int] = (),
        end_with: signal.Signals = signal.SIGTERM,
    ) -> None:
        self.name, self.command, self.environment = name, command, environment
        self.log, self.user, self.inherits, self.end_with = log, user, inherits, end_with
        self.process: subprocess.Popen[bytes] | None = None
        self.pause = 0.0
        self.begun = 0.0

    def start(self) -> None:
        """Start it; what it says goes to its log, which is for us alone, else to our stderr."""
        self.begun = time.monotonic()
        if self.log:
            self.log.touch(mode=0o600)
        with (self.log or Path(os.devnull)).open("ab") as file:
            output = file if self.log else sys.__stderr__
            self.process = subprocess.Popen(  # noqa: S603 - our own commands
                self.command,
                env=self.environment,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
                preexec_fn=self._end_with_parent if libc else None,  # noqa: PLW1509 - one call into the system
                pass_fds=self.inherits,
                user=self.user,
                group=self.user,
                extra_groups=[] if self.user else None,
            )

    def _end_with_parent(self) -> None:
        if libc:
            libc.prctl(PR_SET_PDEATHSIG, int(self.end_with))

    def tend(self) -> None:
        """Start it again when it has died: at once, or after a pause that grows while it dies young."""
        if self.process and self.process.poll() is not None:
            lived, code = time.monotonic() - self.begun, self.process.returncode
            self.pause = min(max(1.0, 2 * self.pause), LONGEST_PAUSE) if lived < SHORT_LIFE else 0.0
            logger.error("child_died", child=self.name, exit_code=code, again_in=self.pause)
            self.process, self.begun = None, time.monotonic()
        if self.process is None and time.monotonic() >= self.begun + self.pause:
            self.start()

    def is_running(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def ask_to_end(self) -> None:
        if self.process and self.process.poll() is None:
            self.process.send_signal(self.end_with)

    def wait(self, deadline: float) -> None:
        """Wait for its end; past the deadline it is killed."""
        if self.process is None:
            return
        with suppress(subprocess.TimeoutExpired):
            self.process.wait(max(0.0, deadline - time.monotonic()))
        if self.process.poll() is None:
            logger.error("child_killed", child=self.name)
            self.process.kill()
            self.process.wait()


def end(children: Sequence[Child], *, seconds: float) -> None:
    """End these together."""
    deadline = time.monotonic() + seconds
    for child in children:
        child.ask_to_end()
    for child in children:
        child.wait(deadline)
