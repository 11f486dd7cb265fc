"""A thousand deliveries while a worker, a web process and Redis are killed: nothing is lost, nothing comes twice."""

import os
import re
import signal
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from threading import Lock
from typing import Any

import psycopg
import pytest
import requests

from core.management.demo.people import PASSWORD
from core.notifications.lane import WIDTH
from tests.end_to_end.server import CHAOS
from tests.end_to_end.test_stack import Stack
from tests.fakes.smtp import FakeSmtp
from tests.fakes.twilio import FakeTwilio
from tests.notifications.support import wait_until
from tests.stack import open_folder, stack

pytestmark = [
    pytest.mark.end_to_end,
    pytest.mark.timeout(240),
    pytest.mark.skipif(stack() != "distributed", reason="runs once, with the distributed stack"),
    pytest.mark.skipif(not CHAOS, reason="make chaos: test_kill.py and test_stack.py kill the same in the suite"),
]

ADMINS, TICKETS = 4, 125  # on two channels: 1,000 deliveries
KILLED_AT = {30: "@stack", 60: "serve --fd", 90: "redis-server"}
COUNT = "SELECT count(*) FROM core_notificationlog WHERE event = 'ticket_created' AND ticket_id >= %s AND "
VERIFIED = "UPDATE core_user SET phone_verified_at = now(), whatsapp_opted_in = true, whatsapp_inbound_at = now()"
OUTGOING = COUNT + "notification_type <> 'SYSTEM' AND "


@pytest.fixture
def product() -> Iterator[Stack]:
    with open_folder() as folder, Stack(folder) as processes:
        processes.serve()
        yield processes


class Team:
    """Cleo raises tickets until each is taken; on the way somebody is killed."""

    def __init__(self, product: Stack) -> None:
        self.product, self.raised, self.lock = product, 0, Lock()
        admin = self.signed_in("ada")
        for number in range(1, ADMINS):
            name, phone = f"admin{number}", f"+1202555011{number}"
            person = {"username": name, "email": f"{name}@example.com", "password": "a long enough word"}
            made = self.post("/api/users/", person | {"role": "ADMIN", "phone_number": phone}, admin)
            assert made.status_code == 201, made.text
        self.cleo = self.signed_in("cleo")

    def signed_in(self, username: str) -> dict[str, str]:
        answer = self.post("/api/auth/login/", {"username": username, "password": PASSWORD}, {})
        return {"Authorization": f"Bearer {answer.json()['access']}"}

    def post(self, path: str, body: dict[str, Any], headers: dict[str, str]) -> requests.Response:
        return requests.post(f"{self.product.url}{path}", json=body, headers=headers, timeout=10)

    def raise_ticket(self, number: int) -> int:
        """As a good client does: sent again with the same key until there is an answer."""
        headers = self.cleo | {"Idempotency-Key": f"survival-{number}"}
        body = {"title": f"Scanner {number} is dead", "description": "It does not even blink."}
        for _ in range(20):
            try:
                answer = self.post("/api/tickets/", body, headers)
            except requests.ConnectionError:
                continue
            if answer.status_code != 409:  # the first try is still under way
                break
        assert answer.status_code == 201, answer.text
        self.kill_somebody()
        key: int = answer.json()["id"]
        return key

    def kill_somebody(self) -> None:
        with self.lock:
            self.raised += 1
            victim = KILLED_AT.get(self.raised)
        if victim:
            os.kill(self.product.find(victim).pop(), signal.SIGKILL)


def test_nothing_is_lost_and_nothing_comes_twice(product: Stack, mailbox: FakeSmtp, whatsapp: FakeTwilio) -> None:
    team = Team(product)
    with psycopg.connect(host=database(product), user="postgres", autocommit=True) as connection:
        connection.execute(VERIFIED)
    with ThreadPoolExecutor(4) as threads:
        keys = list(threads.map(team.raise_ticket, range(TICKETS)))
    assert len(set(keys)) == TICKETS
    wanted = TICKETS * ADMINS
    with psycopg.connect(host=database(product), user="postgres", autocommit=True) as connection:

        def count(condition: str) -> int:
            found = connection.execute(condition, [min(keys)]).fetchone()
            return int(found[0]) if found else 0

        wait_until(lambda: count(OUTGOING + "status = 'PENDING'") == 0, within=90)
        wait_until(lambda: count(OUTGOING + "status = 'SENDING' AND lease_until > now() + '55 s'") == 0, within=30)
        # What the killed worker held waits for the end of its lease, a minute; here that minute is over.
        connection.execute("UPDATE core_notificationlog SET lease_until = now() WHERE status = 'SENDING'")
        wait_until(lambda: count(OUTGOING + "status = 'SENT'") == 2 * wanted, within=60)
        assert count(COUNT + "notification_type = 'SYSTEM'") == wanted

    links = Counter(message.body.split()[-1] for message in whatsapp.take_all(count=wanted))
    assert len(links) == links.total() == wanted
    mails = Counter(mail.message["Message-ID"] for mail in mailbox.take_all(count=wanted))
    assert len(mails) == wanted
    assert mails.total() - wanted <= WIDTH  # those under way when their worker was killed: SMTP cannot be asked


def database(product: Stack) -> str:
    """The folder of the socket of the stack's PostgreSQL."""
    found = next(re.search(r" -k (\S+)", text) for text in product.children().values() if "bin/postgres" in text)
    assert found
    return found[1]
