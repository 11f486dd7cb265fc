"""SQLite has one lock for all who write, and no queue before it; PostgreSQL has nothing of that."""

from threading import Event
from time import monotonic, sleep

import pytest
from django.db import connection, transaction

from core.jobs.run import Outcome, Run
from core.models import User
from tests.jobs.conftest import Does
from tests.jobs.support import begun, worked_off
from tests.notifications.support import at_once

HOLDS = 0.05  # seconds that a transaction takes
PATIENCE = 5.0


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(connection.vendor != "sqlite", reason="needs SQLite")
def test_who_waits_to_write_does_so_while_a_job_writes_row_after_row(does: Does, ada: User, cleo: User) -> None:
    busy, written = Event(), Event()

    def kind(run: Run) -> Outcome:
        until = monotonic() + PATIENCE
        while not written.is_set() and monotonic() < until:
            run.give_way()
            with transaction.atomic():
                run.keep({})
                busy.set()
                sleep(HOLDS)
        return Outcome("Written." if written.is_set() else "Nobody else could write.")

    def write() -> None:
        assert busy.wait(PATIENCE)
        User.objects.filter(pk=cleo.pk).update(first_name="Cleo")
        written.set()

    does(kind)
    job = begun(ada)
    at_once(write, lambda: worked_off(job))
    assert job.message == "Written."
