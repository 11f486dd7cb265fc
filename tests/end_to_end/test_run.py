"""One process serves everything, tells everybody, stops cleanly and keeps what it has."""

import os
import signal
import socket
import subprocess
import time
from pathlib import Path

import pytest
import requests

from clients.demo_story.person import Person
from tests.end_to_end.server import BASE, Processes
from tests.fakes.smtp import FakeSmtp, Step
from tests.fakes.twilio import FakeTwilio
from tests.notifications.support import wait_until
from tests.stack import stack

pytestmark = [
    pytest.mark.end_to_end,
    pytest.mark.timeout(150),
    pytest.mark.skipif(stack() != "embedded", reason="runs once, with the embedded stack"),
]
STORY_MESSAGES = 18  # to all people together, on each channel
TICKET = {"title": "Scanner is dead", "description": "It does not even blink.", "category": "INCIDENT"}


def test_the_story_is_told_and_the_server_stops_cleanly_and_keeps_its_data(
    product: Processes, mailbox: FakeSmtp, whatsapp: FakeTwilio
) -> None:
    product.serve()
    story = product.play_story()
    assert story.returncode == 0, story.stdout + product.output()
    assert len(mailbox.take_all(count=STORY_MESSAGES)) == STORY_MESSAGES
    assert len(whatsapp.take_all(count=STORY_MESSAGES)) == STORY_MESSAGES
    before = tickets_of(product)

    began = time.monotonic()
    assert product.stop(signal.SIGINT) == [0]
    assert time.monotonic() - began < 5
    product.serve()
    assert tickets_of(product) == before
    assert product.stop(signal.SIGTERM) == [0]
    assert "Traceback" not in product.output()
    logged = [line for line in product.output().splitlines() if line.startswith("{")]
    assert not [line for line in logged if "demo-password" in line or "eyJ" in line]
    assert not [line for line in logged if '"warning"' in line]


def test_without_credentials_every_message_lies_in_the_outbox(tmp_path: Path) -> None:
    with Processes(tmp_path, EMAIL_URL="", TWILIO_ACCOUNT_SID="") as product:
        product.prepare()
        product.serve()
        story = product.play_story()
        assert story.returncode == 0, story.stdout + product.output()
        outbox = requests.get(f"{product.url}/dev/outbox/?format=json", timeout=5).json()
        assert outbox["count"] == 2 * STORY_MESSAGES
        words = outbox["results"][0]["body"].split()
        link = next(word for word in words if word.startswith(f"{product.url}/n/"))
        assert requests.get(link, timeout=5).status_code == 200


def test_the_story_fails_when_a_channel_is_dead(product: Processes, whatsapp: FakeTwilio, mailbox: FakeSmtp) -> None:
    product.serve()
    whatsapp.fail(400, 21211, times=1)
    story = product.play_story()
    assert story.returncode == 1
    assert "FAILED: ada did not get ticket_created within 10 s: WHATSAPP (FAILED)" in story.stdout
    mailbox.take("ada@example.com")


def test_it_stops_in_time_although_a_mail_server_hangs_and_loses_nothing(
    product: Processes, mailbox: FakeSmtp, whatsapp: FakeTwilio
) -> None:
    product.serve()
    mailbox.hang(step=Step.RCPT, times=1)
    raise_ticket(product)
    whatsapp.take("+12025550101", within=10)
    began = time.monotonic()
    assert product.stop() == [0]
    assert time.monotonic() - began < 5
    product.serve()
    # Still with the process that is gone, until its lease ends; the next test waits for that.
    assert deliveries_of(product, "EMAIL") == ["SENDING"]


def test_it_waits_for_the_verdict_on_a_mail_that_has_left(
    product: Processes, mailbox: FakeSmtp, whatsapp: FakeTwilio
) -> None:
    """The server has the mail already: unheard, it would be sent again after the lease."""
    product.serve()
    late = mailbox.wait(4.7, step=Step.DOT, times=1)
    raise_ticket(product)
    wait_until(lambda: late.left == 0, within=10)
    whatsapp.take("+12025550101", within=10)
    assert product.stop() == [0]
    mailbox.take("ada@example.com")
    product.serve()
    assert deliveries_of(product, "EMAIL") == ["SENT"]


def test_a_kill_with_deliveries_under_way_loses_nothing_and_repeats_no_whatsapp(
    product: Processes, mailbox: FakeSmtp, whatsapp: FakeTwilio
) -> None:
    product.serve()
    mailbox.hang(step=Step.RCPT, times=1)
    whatsapp.hang(accepted=True)  # Twilio has taken it, but its answer never comes
    numbers = [raise_ticket(product) for _ in range(3)]
    first = whatsapp.take("+12025550101", within=10)
    product.kill()

    product.serve()
    mails = mailbox.take_all(count=3, within=90)
    assert sorted(number for number in numbers for mail in mails if number in mail.message["Subject"]) == numbers
    others = whatsapp.take_all(count=2, within=90)
    links = {message.body.split()[-1] for message in (first, *others)}
    assert len(links) == 3
    inbox = wait_until_sent(product)
    assert [len(row["deliveries"]) for row in inbox] == [2, 2, 2]
    assert product.stop() == [0]
    mailbox.expect_nothing()
    whatsapp.expect_nothing()


def test_while_the_mail_server_is_away_requests_are_quick_and_all_mail_comes_later(
    product: Processes, mailbox: FakeSmtp, whatsapp: FakeTwilio
) -> None:
    few = 4  # one more, and the channel would rest for a minute
    product.serve()
    mailbox.stop()
    seconds = []
    with Person(product.url, "cleo") as cleo:
        for _ in range(few):
            began = time.monotonic()
            cleo.call("POST", "/api/tickets/", TICKET)  # fails the test when refused
            seconds.append(time.monotonic() - began)
            time.sleep(0.2)
    assert max(seconds) < 3, seconds  # none waits for the mail server, whose timeout is longer
    assert len(whatsapp.take_all(count=few, within=20)) == few  # one channel's outage is no other's
    mailbox.start()
    mails = mailbox.take_all(count=few, within=60)
    assert len({mail.message["Message-ID"] for mail in mails}) == few
    wait_until_sent(product, count=few)


def test_make_run_and_make_demo_do_it_all(tmp_path: Path) -> None:
    with Processes(tmp_path, EMAIL_URL="", TWILIO_ACCOUNT_SID="") as product:
        product.environment.pop("PUBLIC_URL")  # links lead to the port given
        arguments = [f"PORT={product.port}", f"DATA_DIR={tmp_path / 'data'}"]
        with (tmp_path / "make.log").open("wb") as log:
            make = subprocess.Popen(
                ["make", "run", *arguments], cwd=BASE, env=product.environment, stdout=log, stderr=log,
                start_new_session=True,
            )  # fmt: skip
        try:
            deadline = time.monotonic() + 120  # the first time it installs
            while not product.answers() and time.monotonic() < deadline:
                time.sleep(0.1)
            demo = subprocess.run(
                ["make", "demo", *arguments], cwd=BASE, env=product.environment, capture_output=True, check=False
            )
        finally:
            os.killpg(make.pid, signal.SIGINT)  # what a terminal does at Ctrl-C
            make.wait(10)
        text = (tmp_path / "make.log").read_text(encoding="utf-8")
        assert demo.returncode == 0, demo.stdout.decode() + text
        assert f"Incident Management runs at {product.url}/" in text
        assert "Links in messages lead to" not in text
        with socket.socket() as probe:
            assert probe.connect_ex(("127.0.0.1", product.port)) != 0


def raise_ticket(product: Processes) -> str:
    with Person(product.url, "cleo") as cleo:
        return str(cleo.call("POST", "/api/tickets/", TICKET)["number"])


def deliveries_of(product: Processes, channel: str) -> list[str]:
    """Status of ada's deliveries that are not the demo data's."""
    with Person(product.url, "ada") as ada:
        rows = ada.call("GET", f"/api/notifications/?notification_type={channel}")["results"]
    return [row["status"] for row in rows if row["status"] != "SKIPPED"]


def tickets_of(product: Processes) -> list[tuple[str, str]]:
    with Person(product.url, "ada") as ada:
        found = ada.call("GET", "/api/tickets/?page_size=100")["results"]
    return [(ticket["number"], ticket["status"]) for ticket in found]


def wait_until_sent(product: Processes, *, count: int = 3) -> list[dict[str, list[dict[str, str]]]]:
    """Ada's newest notifications, once all their deliveries have been sent."""
    deadline = time.monotonic() + 90
    with Person(product.url, "ada") as ada:
        while True:
            rows = ada.call("GET", f"/api/notifications/?page_size={count}")["results"]
            states = {delivery["status"] for row in rows for delivery in row["deliveries"]}
            if states == {"SENT"}:
                return list(rows)
            assert time.monotonic() < deadline, states
            time.sleep(0.5)
