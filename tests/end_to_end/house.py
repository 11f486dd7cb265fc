"""The product in a storm: its servers are ended and killed and come back, and so is its Redis. No workers: what people
are sent is not what this is about."""

import signal
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path
from typing import Any

from core.management.address import listen
from core.management.stack.child import end
from core.management.stack.processes import READY_SECONDS, Web
from core.management.stack.services import Redis
from tests.end_to_end.server import Processes
from tests.end_to_end.services import services

Strike = Callable[[], None]


class House:
    """A migrated product that runs, and what may happen to it, one after the other: each returns when it is over."""

    def __init__(self, processes: Processes, strikes: list[Strike]) -> None:
        self.processes, self.strikes, self.url = processes, strikes, processes.url

    def ask(self, *words: object) -> Any:
        """What people.py has to say on the product's database."""
        return self.processes.ask("people", *words)


@contextmanager
def embedded(folder: Path) -> Iterator[House]:
    with Processes(folder, EMAIL_URL="", TWILIO_ACCOUNT_SID="") as processes:
        processes.prepare()
        processes.serve()

        def restart(number: signal.Signals) -> None:
            server = processes.started.pop()
            server.send_signal(number)
            server.wait(15)
            processes.serve()

        yield House(processes, [partial(restart, number) for number in (signal.SIGTERM, signal.SIGKILL)])


@contextmanager
def distributed(folder: Path) -> Iterator[House]:
    """Two web processes on one socket, on a PostgreSQL and a Redis of their own."""
    with services() as (place, postgres, redis), ExitStack() as leaving:
        processes = leaving.enter_context(Processes(folder, DATABASE_URL=postgres.url, REDIS_URL=redis.url))
        processes.environment["CELERY_BROKER_URL"] = redis.url
        listener = leaving.enter_context(listen("127.0.0.1", processes.port))
        webs = [Web(f"web{number}", processes.environment, listener, place / "run") for number in range(2)]
        for web in webs:
            leaving.callback(web.ready.close)
            web.log = processes.log
            web.start()
        leaving.callback(end, webs, seconds=25)
        wait_until_ready(webs)
        yield House(
            processes,
            [
                partial(restart, webs[:1], signal.SIGTERM),
                partial(restart, webs[1:], signal.SIGKILL),
                partial(lose, redis),
                partial(restart, webs[1:], signal.SIGTERM),
                partial(restart, webs, signal.SIGKILL),
            ],
        )


def restart(webs: list[Web], number: signal.Signals) -> None:
    """End these at once, and start each again as soon as it has ended."""
    for web in webs:
        assert web.process is not None
        web.process.send_signal(number)
    for web in webs:
        assert web.process is not None
        assert web.process.wait(25) == (0 if number == signal.SIGTERM else -number)
        web.start()
    wait_until_ready(webs)


def wait_until_ready(webs: list[Web]) -> None:
    for web in webs:
        web.wait_until_ready(time.monotonic() + READY_SECONDS, time.sleep)


def lose(redis: Redis) -> None:
    """Kill it, and start it again after a second."""
    assert redis.child.process is not None
    redis.child.process.kill()
    redis.child.process.wait(10)
    time.sleep(1)
    redis.start()
