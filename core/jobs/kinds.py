"""Every kind of job, by name."""

from collections.abc import Callable

from core.jobs import bulk, export, import_
from core.jobs.run import Outcome, Run

KINDS: dict[str, Callable[[Run], Outcome]] = {"export": export.run, "import": import_.run, "bulk": bulk.run}
