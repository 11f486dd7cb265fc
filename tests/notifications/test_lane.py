"""Lanes: two drains of a channel at a time in a process, and one of what is critical."""

import threading

import pytest

from core.notifications.lane import WIDTH, Lane, lane
from tests.notifications.support import at_once


def test_each_channel_has_one_lane_and_one_for_what_is_critical() -> None:
    assert lane("EMAIL") is lane("EMAIL")
    assert lane("EMAIL", urgent=True) is lane("EMAIL", urgent=True)
    assert len({lane("EMAIL"), lane("WHATSAPP"), lane("EMAIL", urgent=True)}) == 3


def test_a_wake_up_runs_the_drain_once() -> None:
    runs: list[None] = []
    Lane().run(lambda: runs.append(None))
    assert len(runs) == 1


def test_wake_ups_while_the_lane_is_full_return_at_once_and_make_it_look_once_more() -> None:
    lane, full, runs = Lane(), threading.Barrier(WIDTH), []

    def drain() -> None:
        runs.append(threading.get_ident())
        if len(runs) <= WIDTH:
            full.wait(5)
            for _ in range(5):
                woken = threading.Thread(target=lane.run, args=(drain,))
                woken.start()
                woken.join(5)
                assert not woken.is_alive()
            full.wait(5)

    at_once(*[lambda: lane.run(drain)] * WIDTH)
    assert WIDTH < len(runs) <= 2 * WIDTH


def test_no_more_drains_of_a_lane_run_at_the_same_time_and_no_wake_up_is_lost() -> None:
    lane, places, work = Lane(), threading.BoundedSemaphore(WIDTH), 0
    done = [0]

    def drain() -> None:
        assert places.acquire(blocking=False)
        done.append(work)
        places.release()

    def wake() -> None:
        nonlocal work
        for _ in range(200):
            work += 1
            lane.run(drain)

    at_once(*[wake] * 4)
    assert max(done) == work


def test_a_drain_that_crashes_leaves_the_lane_free() -> None:
    lane = Lane()
    runs: list[None] = []
    with pytest.raises(ZeroDivisionError):
        lane.run(lambda: 1 / 0)  # type: ignore[arg-type]
    lane.run(lambda: runs.append(None))
    assert runs == [None]
