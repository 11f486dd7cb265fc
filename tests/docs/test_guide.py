"""Every call, answer and frame of the guide is what happens, played as one story from top to bottom."""

import re
from collections import Counter
from collections.abc import Callable
from contextlib import ExitStack
from datetime import timedelta

import pytest
from django.db import connection
from django.db.models import Q

from core.models import DeliveryStatus, NotificationLog
from core.models.notification import SYSTEM
from core.notifications import heartbeat
from core.notifications.letters import LETTERS
from tests.docs.examples import Call, Frame, examples
from tests.docs.pages import GUIDE, read
from tests.docs.player import Player, serving
from tests.fakes.smtp import FakeSmtp
from tests.fakes.twilio import FakeTwilio
from tests.openapi import document


def test_the_guide_is_what_happens(
    transactional_db: None,
    deliver: Callable[[], None],
    mailbox: FakeSmtp,
    whatsapp: FakeTwilio,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # The server's threads must not hold connections that outlive the test database.
    monkeypatch.setitem(connection.settings_dict, "CONN_MAX_AGE", 0)
    heartbeat.beat(timedelta())
    with ExitStack() as closing:
        player = Player(closing.enter_context(serving()), deliver, closing)
        for example in examples(read(GUIDE)):
            player.play(example)
        player.finish()
    mails = Counter(mail.to for mail in mailbox.take_all())
    assert mails == told("EMAIL")
    assert sum(Counter(message.to for message in whatsapp.take_all()).values()) == sum(told("WHATSAPP").values())


def told(channel: str) -> Counter[str]:
    """How many messages each person was sent; every one of them was sent."""
    rows = NotificationLog.objects.filter(notification_type=channel)
    assert set(rows.values_list("status", flat=True)) == {DeliveryStatus.SENT.value}
    apart = Q(event__in=LETTERS) | Q(event="test_notification")
    inbox = NotificationLog.objects.filter(notification_type=SYSTEM)
    assert rows.exclude(apart).count() == inbox.exclude(apart).count()
    return Counter(rows.values_list("recipient__email", flat=True))


def test_the_guide_shows_every_operation() -> None:
    """A path is one of the schema's when it fits with the parameters filled in."""
    shown = {(one.method, template(one.path)) for one in examples(read(GUIDE)) if isinstance(one, Call)}
    operations = {
        (verb.upper(), re.sub(r"\{\w+\}", "{id}", path))
        for path, verbs in document()["paths"].items()
        for verb in verbs
        if verb != "parameters"
    }
    assert operations - shown == set()


def template(path: str) -> str:
    parts = ["{id}" if part.isdecimal() else part for part in path.partition("?")[0].split("/")]
    return "/".join(parts)


def test_the_guide_shows_a_frame() -> None:
    assert [one for one in examples(read(GUIDE)) if isinstance(one, Frame)]
