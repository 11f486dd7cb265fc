"""What beat asks for, and how often."""

from typing import Any

SWEEP_SECONDS = 10  # at most 15: how long a row or a job waits whose wake-up was lost


def every(seconds: int, task: str) -> dict[str, Any]:
    """What nobody took by the time it is asked for again is forgotten."""
    return {"task": task, "schedule": seconds, "options": {"expires": seconds}}


BEAT = {
    "sweep": every(SWEEP_SECONDS, "core.deliver_due"),
    "jobs": every(SWEEP_SECONDS, "core.run_jobs"),
    "fold": every(SWEEP_SECONDS, "core.fold"),
    "audit": every(30, "core.audit"),
    "remind": every(30, "core.remind"),
    "votes": every(SWEEP_SECONDS, "core.tell_votes"),
    "tidy": every(3600, "core.tidy"),
    "trim": every(3600, "core.trim"),
}
