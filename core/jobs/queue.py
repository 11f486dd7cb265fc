"""The Celery task: a wake-up only. It carries no data; the database says what is due."""

from celery import shared_task

from core.jobs import runner
from core.notifications.lane import Lane

WIDTH = 2  # jobs at a time in each process; deliveries have the other threads for themselves

lane = Lane(WIDTH)


@shared_task(name="core.run_jobs")
def run_jobs() -> None:
    """Do the jobs that are due, in a lane of their own."""
    lane.run(runner.work)
