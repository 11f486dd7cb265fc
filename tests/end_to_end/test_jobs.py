"""Long jobs of the whole product: seen on every transport while they run, and done once though their worker is killed.

`make chaos` plays the whole of it, the suite a part.
"""

import csv
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from datetime import UTC, datetime, timedelta
from threading import Barrier
from typing import Any

import pytest
import requests

from core.notifications.lane import WIDTH
from tests.end_to_end import senders
from tests.end_to_end.progress import DONE, TRANSPORTS, watch
from tests.end_to_end.senders import Senders
from tests.end_to_end.server import CHAOS
from tests.fakes.smtp import FakeSmtp
from tests.fakes.twilio import FakeTwilio
from tests.notifications.support import wait_until
from tests.stack import stack

pytestmark = [pytest.mark.end_to_end, pytest.mark.timeout(1_200 if CHAOS else 240)]
EXPORTED, ASSIGNED, KILLS = (100_000, 1_000, 3) if CHAOS else (15_000, 200, 1)
PATIENCE = 300.0 if CHAOS else 60.0  # seconds, however many leases have to end first
UNTOLD = "SELECT count(*) FROM core_notificationlog WHERE status IN ('PENDING', 'SENDING') AND error <> 'digest'"
DIGESTS = (
    "UPDATE core_notificationlog SET created_at = '{at}', next_attempt_at = '{at}' WHERE error = 'digest' RETURNING id"
)


@pytest.fixture(scope="module")
def product(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Senders]:
    """One server; in the distributed set-up a server and one worker."""
    folder = tmp_path_factory.mktemp("jobs")
    running: AbstractContextManager[Senders]
    if stack() == "embedded":
        running = senders.embedded(folder, waits=CHAOS, RATE_PER_RECIPIENT="0")
    else:
        running = senders.distributed(folder, waits=CHAOS, workers=1, serves=True, RATE_PER_RECIPIENT="0")
    with running as processes:
        yield processes


@pytest.fixture(scope="module")
def owner(product: Senders) -> "Owner":
    return Owner(product)


class Owner:
    """An admin with a shelf full of tickets; jobs work on the first of them."""

    def __init__(self, product: Senders) -> None:
        self.url = product.processes.url
        shelf = product.processes.ask("shelf", EXPORTED)
        self.token, self.people, self.id = shelf["token"], shelf["people"], shelf["admin"]
        self.tickets = shelf["tickets"][:ASSIGNED]

    def call(self, method: str, path: str, body: Any = None) -> requests.Response:
        headers = {"Authorization": f"Bearer {self.token}"}
        response = requests.request(method, f"{self.url}{path}", json=body, headers=headers, timeout=20)
        assert response.ok, response.text
        return response

    def start(self, kind: str, **body: Any) -> int:
        key: int = self.call("POST", f"/api/tickets/{kind}/", body).json()["task_id"]
        return key

    def task(self, key: int) -> Any:
        return self.call("GET", f"/api/tasks/{key}/").json()


def test_an_export_is_seen_rising_on_three_transports_at_once(owner: Owner) -> None:
    ready = Barrier(1 + len(TRANSPORTS))
    with ThreadPoolExecutor(len(TRANSPORTS)) as threads:
        watching = [threads.submit(watch, each, owner.url, owner.token, ready) for each in TRANSPORTS]
        ready.wait(PATIENCE)
        began = time.monotonic()
        key = owner.start("export", format="csv", filters={"created_by": owner.id})
        seen = [one.result(PATIENCE) for one in watching]
    seconds = time.monotonic() - began
    for told in seen:
        assert list(told) == [key]
        progress = told[key]
        assert progress == sorted(progress)
        assert progress[-1] == DONE
        assert len(set(progress)) >= 3, progress  # on the way, and the end
    task = owner.task(key)
    assert (task["status"], task["progress"]) == ("SUCCEEDED", DONE)
    heads, *rows = csv.reader(owner.call("GET", task["result_url"]).content.decode("utf-8-sig").splitlines())
    assert len(rows) == EXPORTED
    assert {len(row) for row in rows} == {len(heads)}
    print(f"{EXPORTED} rows in {seconds:.1f} s; told in {[len(told[key]) for told in seen]} steps")  # noqa: T201


def test_a_bulk_assign_that_is_killed_half_way_assigns_and_tells_once(
    product: Senders, owner: Owner, mailbox: FakeSmtp, whatsapp: FakeTwilio
) -> None:
    often, seldom = owner.people
    team = [often["id"], seldom["id"]]
    key = owner.start("bulk", ids=owner.tickets, action="assign", data={"assigned_to": team})
    for kill in range(1, KILLS + 1):
        wait_until(lambda: done(product, key) >= ASSIGNED * kill // (5 * KILLS), within=PATIENCE)  # noqa: B023
        product.kill()
        assert done(product, key) < ASSIGNED
    wait_until(lambda: owner.task(key)["status"] not in {"PENDING", "RUNNING"}, within=PATIENCE)
    task = owner.task(key)
    assert (task["status"], task["message"]) == ("SUCCEEDED", f"{ASSIGNED} done, 0 refused")

    each_once = Counter(owner.tickets)
    few = f"({', '.join(map(str, owner.tickets))})"
    history = f"SELECT ticket_id FROM core_tickethistory WHERE action = 'assign' AND ticket_id IN {few}"
    assert Counter(pk for (pk,) in product.ask(history)) == each_once
    assigned = product.ask(f"SELECT ticket_id, user_id FROM core_assignment WHERE ticket_id IN {few}")
    assert sorted(assigned) == sorted((pk, user) for pk in owner.tickets for user in team)
    told = f"SELECT ticket_id, recipient_id, notification_type FROM core_notificationlog WHERE ticket_id IN {few}"
    channels = ("SYSTEM", "EMAIL", "WHATSAPP")
    assert Counter(product.ask(told)) == Counter(
        (pk, who, on) for pk in owner.tickets for who in team for on in channels
    )

    wait_until(lambda: product.ask(UNTOLD) == [(0,)], within=PATIENCE)
    an_hour_ago = f"{datetime.now(UTC) - timedelta(hours=1):%Y-%m-%d %H:%M:%S}+00:00"
    assert len(product.ask(DIGESTS.format(at=an_hour_ago))) == ASSIGNED
    owner.call("POST", "/api/notifications/test/", {"channel": "EMAIL"})  # wakes who sends, before the next sweep
    wait_until(lambda: any(mail.to == seldom["email"] for mail in list(mailbox._messages)), within=PATIENCE)
    mails = mailbox.take_all()
    assert [mail.to for mail in mails].count(seldom["email"]) == 1  # the digest
    own = Counter(mail.message["Message-ID"] for mail in mails if mail.to == often["email"])
    assert len(own) == ASSIGNED
    assert own.total() - ASSIGNED <= KILLS * WIDTH  # those under way when their worker was killed: SMTP cannot be asked
    assert len(whatsapp.take_all()) == ASSIGNED


def done(product: Senders, key: int) -> int:
    (found,) = product.ask(f"SELECT count(*) FROM core_jobrow WHERE job_id = {key}")[0]
    return int(found)
