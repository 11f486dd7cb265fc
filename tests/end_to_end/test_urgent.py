"""What is critical leaves in time, however much of low priority waits: with a real worker."""

import time
from pathlib import Path

import pytest

from clients.demo_story.person import Person
from tests.end_to_end.world import started
from tests.fakes.smtp import FakeSmtp, Step
from tests.fakes.twilio import FakeTwilio
from tests.stack import stack

pytestmark = [
    pytest.mark.end_to_end,
    pytest.mark.timeout(150),
    pytest.mark.skipif(stack() != "distributed", reason="needs PostgreSQL and Redis"),
]
# The newest mail so many times more, to somebody else.
PILE = """
    INSERT INTO core_notificationlog SELECT (jsonb_populate_record(mail, jsonb_build_object(
        'id', 1000000 + number, 'recipient_id', %s::bigint, 'notification', gen_random_uuid(),
        'dedupe_key', 'pile:' || number, 'link_key', 'pile-' || number,
        'status', 'PENDING', 'next_attempt_at', now(), 'attempts', 0
    ))).* FROM generate_series(1, 10000) number, core_notificationlog mail
    WHERE mail.id = (SELECT max(id) FROM core_notificationlog WHERE notification_type = 'EMAIL')
    RETURNING id
"""
TICKET = {"title": "Scanner 2 is dead", "description": "It does not even blink."}


def test_a_critical_mail_leaves_within_two_seconds_past_ten_thousand_others(
    tmp_path: Path, mailbox: FakeSmtp, whatsapp: FakeTwilio
) -> None:
    with started(tmp_path, RATE_PER_RECIPIENT="0") as world, Person(world.url, "cleo") as cleo:
        cleo.call("POST", "/api/tickets/", TICKET | {"priority": "LOW"})
        mailbox.take_all(count=1, within=15)
        mailbox.wait(0.1, step=Step.RCPT)
        assert len(world.ask(PILE, cleo.id)) == 10_000
        mailbox.take(cleo.email, within=15)
        cleo.call("POST", "/api/tickets/", TICKET | {"title": "The till is dead", "priority": "CRITICAL"})
        began = time.monotonic()
        mailbox.take("ada@example.com", within=2)
        print(f"It left after {time.monotonic() - began:.2f} s.")  # noqa: T201
    whatsapp.take_all(count=2, within=15)
    mailbox.take_all()
