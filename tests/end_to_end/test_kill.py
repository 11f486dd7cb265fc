"""What is on its way when a worker is killed: nothing is lost, no WhatsApp message comes twice, and a mail only when
the worker was killed after the mail server had it. `make chaos` plays the whole of it, the suite a tenth.
"""

import os
import re
import sys
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from random import Random
from typing import NamedTuple

import pytest

from tests.end_to_end import senders
from tests.end_to_end.senders import Senders
from tests.end_to_end.server import CHAOS
from tests.fakes.smtp import FakeSmtp, Mail, Step
from tests.fakes.twilio import FakeTwilio
from tests.notifications.support import wait_until
from tests.stack import stack

pytestmark = [pytest.mark.end_to_end, pytest.mark.timeout(1_200 if CHAOS else 240)]
PATIENCE = 300.0 if CHAOS else 90.0  # seconds until there is some progress, however many leases have to end first
LATE = 5.0  # seconds; the fake may be so slow to notice the final dot of a mail
OUTGOING = """
    SELECT id, notification_type, status FROM core_notificationlog
    WHERE notification_type <> 'SYSTEM' AND error <> 'demo'
"""
UNSENT = "SELECT count(*) FROM core_notificationlog WHERE status IN ('PENDING', 'SENDING')"
CUT_OFF = "SELECT id FROM core_deliveryattempt WHERE outcome = ''"


class Size(NamedTuple):
    """`share`: which mails may come twice. `each`: seconds until the fakes answer."""

    admins: int
    tickets: int
    kills: int
    each: float
    share: float

    @property
    def deliveries(self) -> int:
        return 2 * self.admins * self.tickets


@pytest.mark.skipif(stack() != "distributed", reason="needs PostgreSQL and Redis")
def test_nothing_is_lost_whichever_worker_is_killed(tmp_path: Path, mailbox: FakeSmtp, whatsapp: FakeTwilio) -> None:
    size = Size(50, 100, 20, 0.1, 0.002) if CHAOS else Size(10, 50, 3, 0.1, 0.01)
    with senders.distributed(tmp_path, waits=CHAOS) as workers:
        strikes = [workers.kill] * size.kills + [workers.lose_redis] * 2
        play(workers, size, strikes, mailbox, whatsapp)


@pytest.mark.skipif(stack() != "embedded", reason="the embedded set-up")
def test_nothing_is_lost_when_the_one_process_is_killed(
    tmp_path: Path, mailbox: FakeSmtp, whatsapp: FakeTwilio
) -> None:
    size = Size(10, 50, 5, 0.05, 0.01) if CHAOS else Size(4, 15, 2, 0.05, 0.03)
    with senders.embedded(tmp_path, waits=CHAOS) as process:
        play(process, size, [process.kill] * size.kills, mailbox, whatsapp)


def play(
    product: Senders, size: Size, strikes: list[Callable[[], None]], mailbox: FakeSmtp, whatsapp: FakeTwilio
) -> None:
    """Strike at random points of the way; in the end everything has left."""
    seed = int.from_bytes(os.urandom(4))
    print(f"seed {seed}")  # noqa: T201 - to play the same again
    chance, began = Random(seed), time.monotonic()
    mailbox.wait(size.each, step=Step.RCPT)
    whatsapp.delay = size.each
    pile = product.processes.begin(sys.executable, "-m", "tests.end_to_end.pile", str(size.admins), str(size.tickets))
    chance.shuffle(strikes)
    for strike, point in zip(
        strikes, sorted(chance.sample(range(size.deliveries * 9 // 10), len(strikes))), strict=True
    ):
        wait_until(lambda: mailbox.count + whatsapp.count >= point, within=PATIENCE)  # noqa: B023 - at once
        time.sleep(chance.uniform(0, size.each))
        strike()
    assert pile.wait(PATIENCE) == 0, product.processes.output()
    wait_until(lambda: product.ask(UNSENT) == [(0,)], within=PATIENCE)

    rows = product.ask(OUTGOING)
    assert len(rows) >= size.deliveries
    assert {status for _, _, status in rows} == {"SENT"}
    messages = Counter(int(re.findall(r"/(\d+)/\?", one.form["StatusCallback"])[0]) for one in whatsapp.take_all())
    assert messages == Counter(key for key, channel, _ in rows if channel == "WHATSAPP")
    mails = mailbox.take_all()
    copies = without_the_last(mails)
    assert {key_of(mail) for mail in mails} == {key for key, channel, _ in rows if channel == "EMAIL"}
    cut_off = {key for (key,) in product.ask(CUT_OFF)}
    assert not [str(mail) for mail in copies if not explained(mail, product.killed_at, cut_off)]
    print(  # noqa: T201 - what `make chaos` is run for
        f"{len(rows)} deliveries in {time.monotonic() - began:.0f} s, {len(product.killed_at)} processes killed while"
        f" {len(cut_off)} attempts were under way: none lost, no WhatsApp message twice, {len(copies)} mails twice"
    )
    assert len(copies) <= size.share * len(mails)


def key_of(mail: Mail) -> int:
    """The delivery that a mail is of."""
    return int(re.findall(r"<delivery-(\d+)\.", mail.message["Message-ID"])[0])


def without_the_last(mails: list[Mail]) -> list[Mail]:
    """What need not have come: of each delivery all copies but the last."""
    last = {key_of(mail): mail for mail in mails}
    return [mail for mail in mails if mail is not last[key_of(mail)]]


def explained(mail: Mail, killed_at: list[float], cut_off: set[int]) -> bool:
    """Whether its worker was killed when the mail server had it, before that was written down."""
    line = mail.line
    in_between = any(mail.came_at - LATE <= moment <= line.gone_at for moment in killed_at)
    return in_between and mail.number == line.mails and int(mail.message["X-Delivery-Attempt"]) in cut_off
