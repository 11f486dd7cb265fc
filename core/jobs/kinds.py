"""Every kind of job, by name."""

from collections.abc import Callable

from core.jobs.run import Outcome, Run

KINDS: dict[str, Callable[[Run], Outcome]] = {}
