"""Jobs keep to their lane: deliveries go out while all of its places are taken, and a shutdown takes no time."""

import threading
from collections.abc import Iterator

import pytest
from celery import current_app
from celery.worker import state

from core.actions import tickets
from core.jobs import queue
from core.jobs.run import Outcome, Run
from core.management.embedded import Embedded
from core.models import JobRun, User
from tests.fakes.smtp import FakeSmtp
from tests.fakes.twilio import FakeTwilio
from tests.jobs.conftest import Does
from tests.jobs.support import DONE, begun
from tests.notifications.support import at_once, wait_until
from tests.stack import stack

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def embedded() -> Iterator[Embedded]:
    """What it sets on the one Celery application is put back."""
    before = current_app.conf.worker_enable_remote_control
    yield Embedded()
    current_app.conf.worker_enable_remote_control = before
    state.should_stop = None


def running() -> int:
    return JobRun.objects.filter(status=JobRun.Status.RUNNING).count()


def test_a_wake_up_returns_at_once_while_the_lane_is_full(does: Does, ada: User) -> None:
    over = threading.Event()

    def kind(run: Run) -> Outcome:
        over.wait(10)
        return DONE

    def third() -> None:
        wait_until(lambda: running() == queue.WIDTH)
        queue.run_jobs()
        assert running() == queue.WIDTH
        over.set()

    does(kind)
    for _ in range(3):
        begun(ada)
    at_once(queue.run_jobs, queue.run_jobs, third)
    assert JobRun.objects.filter(status=JobRun.Status.SUCCEEDED).count() == 3


@pytest.mark.skipif(stack() != "embedded", reason="the distributed stack has workers of its own")
def test_while_jobs_run_mails_go_out_and_who_stops_waits_for_none(
    does: Does, embedded: Embedded, ada: User, cleo: User, mailbox: FakeSmtp, whatsapp: FakeTwilio
) -> None:
    def endless(run: Run) -> Outcome:
        while True:
            run.report(0, 1)
            threading.Event().wait(0.01)

    does(endless)
    for owner in (ada, ada, ada, cleo):
        begun(owner)
    embedded.start()
    wait_until(lambda: running() == queue.WIDTH, within=10)
    tickets.create(actor=cleo, title="Raised meanwhile", description="…")
    mailbox.take("ada@example.com", within=5)
    whatsapp.take("+12025550101", within=5)
    assert running() == queue.WIDTH
    embedded.begin_stop()
    assert embedded.finish_stop(seconds=5)
    assert set(JobRun.objects.values_list("status", "attempts")) == {(JobRun.Status.PENDING, 0)}
