"""One process of the stack: who dies is started again, who dies young with a pause, who does not end is killed."""

import sys
import time
from pathlib import Path

import pytest

from core.management.stack import child as module
from core.management.stack.child import Child, NotStarted, end
from core.management.stack.services import package
from tests.notifications.support import wait_until

SLEEP = [sys.executable, "-c", "import time; time.sleep(60)"]
DEAF = [
    sys.executable,
    "-c",
    "import signal, time; signal.signal(15, signal.SIG_IGN); print(1, flush=True); time.sleep(60)",
]


def died(child: Child) -> bool:
    return not child.is_running()


def test_who_dies_late_is_started_again_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "SHORT_LIFE", 0.0)
    child = Child("sleeper", SLEEP)
    child.start()
    assert child.process is not None
    first = child.process.pid
    child.process.kill()
    wait_until(lambda: died(child), within=5)
    child.tend()
    assert child.is_running()
    assert child.process.pid != first
    end([child], seconds=5)


def test_who_dies_young_waits_longer_each_time() -> None:
    child = Child("failing", [sys.executable, "-c", "raise SystemExit(1)"])
    child.start()
    for pause in (1.0, 2.0, 4.0):
        wait_until(lambda: died(child), within=5)
        child.tend()
        assert child.pause == pause
        assert child.process is None
        child.begun = time.monotonic() - pause  # the pause is over
        child.tend()
    end([child], seconds=5)


def test_who_does_not_end_is_killed(tmp_path: Path) -> None:
    child = Child("deaf", DEAF, log=tmp_path / "log")
    child.start()
    wait_until(lambda: (tmp_path / "log").read_text() == "1\n", within=5)
    end([child, Child("never started", SLEEP)], seconds=0.1)
    assert child.process is not None
    assert child.process.returncode == -9


def test_a_missing_package_is_said_with_what_to_do() -> None:
    with pytest.raises(NotStarted, match=r"no_such_package is missing\. Run: pip install -r requirements-stack\.txt"):
        package("no_such_package")
