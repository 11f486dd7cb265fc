"""The nudge after a commit: it wakes the workers, and never makes a request wait."""

import os
import threading
import time
from collections.abc import Callable, Iterator

import pytest
from celery.signals import before_task_publish

from core.models import NotificationLog, User
from core.notifications.nudge import Nudger, wake_up
from tests.notifications import broker
from tests.notifications.support import PENDING, wait_until
from tests.openapi import ApiClient


class Gate:
    """Stands where messages leave for the broker: counts them and holds them up while it is closed.

    Those of threads that were there before are another test's.
    """

    def __init__(self) -> None:
        self.strangers = threading.enumerate()
        self.passed, self.waiting, self.open = 0, 0, threading.Event()
        self.open.set()

    def __call__(self, **_: object) -> None:
        if threading.current_thread() in self.strangers:
            return
        self.waiting += 1
        self.open.wait(5)
        self.passed += 1


@pytest.fixture
def gate() -> Iterator[Gate]:
    gate = Gate()
    before_task_publish.connect(gate, sender="core.deliver_due", weak=False)
    yield gate
    gate.open.set()
    before_task_publish.disconnect(gate, sender="core.deliver_due")


def test_a_nudge_becomes_a_wake_up_message() -> None:
    broker.waiting()
    Nudger(wake_up).nudge()
    wait_until(lambda: ("core.deliver_due", [], {}) in broker.waiting())


def test_nudges_while_one_is_on_its_way_become_one_more(gate: Gate) -> None:
    nudger = Nudger(wake_up)
    gate.open.clear()
    nudger.nudge()
    wait_until(lambda: gate.waiting == 1)
    for _ in range(100):
        nudger.nudge()
    gate.open.set()
    wait_until(lambda: gate.passed == 2)
    nudger.nudge()
    wait_until(lambda: gate.passed == 3)  # and no more than these
    assert gate.waiting == 3


def test_one_thread_serves_all_who_nudge(gate: Gate) -> None:
    nudger = Nudger(wake_up)
    before = threading.active_count()
    callers = [threading.Thread(target=nudger.nudge) for _ in range(10)]
    for caller in callers:
        caller.start()
    for caller in callers:
        caller.join(5)
    wait_until(lambda: gate.passed >= 1)
    assert threading.active_count() <= before + 1


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork here")
def test_after_a_fork_the_child_has_a_thread_of_its_own() -> None:
    nudger = Nudger(wake_up)
    nudger.nudge()
    nudger._process = -1  # as a child finds it
    before = threading.active_count()
    nudger.nudge()
    assert threading.active_count() == before + 1


def test_without_a_broker_a_nudge_returns_at_once_and_is_logged(broker_away: None, log_text: Callable[[], str]) -> None:
    nudger = Nudger(wake_up)
    began = time.monotonic()
    nudger.nudge()
    assert time.monotonic() - began < 0.5  # which is what the broker is given
    wait_until(lambda: '"event": "nudge_failed"' in log_text(), within=10)
    assert '"level": "warning"' in log_text()


def test_whatever_goes_wrong_the_next_nudge_works(
    gate: Gate, log_text: Callable[[], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    nudger = Nudger(wake_up)
    with monkeypatch.context() as patch:
        patch.setenv("CELERY_BROKER_URL", "nonsense://")
        broker.reconnect()
        nudger.nudge()
        wait_until(lambda: '"event": "nudge_failed"' in log_text())
    broker.reconnect()
    before = gate.passed
    nudger.nudge()
    wait_until(lambda: gate.passed == before + 1)


@pytest.mark.django_db(transaction=True)
def test_without_a_broker_a_request_neither_fails_nor_slows(
    ada: User, cleo: User, api: Callable[[User], ApiClient], broker_away: None, log_text: Callable[[], str]
) -> None:
    client = api(cleo)
    client.get("/api/tickets/")  # what is done only once is done
    began = time.monotonic()
    response = client.post("/api/tickets/", {"title": "No broker", "description": "Nobody is woken."})
    assert time.monotonic() - began < 1
    assert response.status_code == 201
    assert NotificationLog.objects.filter(recipient=ada, status=PENDING).count() == 2
    wait_until(lambda: '"event": "nudge_failed"' in log_text(), within=10)
