"""Deliveries, a channel that does as told, and providers that are given little time."""

import io
import logging
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import structlog
from celery import current_app
from pytest_django import Settings

from core.models import Status, Ticket, User
from core.notifications import registry, smtp, twilio
from tests.conftest import MakeTicket
from tests.fakes.twilio import FakeTwilio
from tests.notifications import broker
from tests.notifications.support import Pigeon
from tests.stack import free_port

SHORT = 0.3  # seconds


@pytest.fixture
def told(request: pytest.FixtureRequest, make_ticket: MakeTicket, ada: User) -> Ticket:
    """A ticket of Cleo's that Ada is being told of: one row on each channel, the pigeon's too where there is one."""
    if "pigeon" in request.fixturenames:
        request.getfixturevalue("pigeon")
    return make_ticket(quiet=False)


@pytest.fixture
def ticket(pigeon: Pigeon, make_ticket: MakeTicket) -> Ticket:
    """Cleo's, with Dan on it; nobody has anything to hear of it any more."""
    return make_ticket(Status.IN_PROGRESS)


@pytest.fixture
def pigeon() -> Iterator[Pigeon]:
    """One channel more while the test runs."""
    channel = registry.channels()[Pigeon.key] = Pigeon()
    yield channel
    del registry.channels()[Pigeon.key]


@pytest.fixture
def hasty_mail(settings: Settings) -> Iterator[None]:
    """The mail server must answer at once: for one that hangs from the beginning."""
    channel = registry.channels()["EMAIL"]
    channel.close()
    settings.EMAIL_TIMEOUT = SHORT
    yield
    channel.close()


@pytest.fixture
def own_connection() -> Iterator[None]:
    """To the mail server: none that was open before, and none that stays."""
    channel = registry.channels()["EMAIL"]
    channel.close()
    yield
    channel.close()


@pytest.fixture
def hasty_verdicts(own_connection: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """The mail server must say at once whether it takes a mail; for all before, it has time on a busy machine."""
    send = smtp.Watched.send

    def send_hastily(self: smtp.Watched, s: object) -> None:
        send(self, s)
        if self.sock is not None:
            self.sock.settimeout(SHORT if self.awaiting_verdict else self.timeout)

    monkeypatch.setattr(smtp.Watched, "send", send_hastily)


@pytest.fixture
def hasty_whatsapp(whatsapp: FakeTwilio, monkeypatch: pytest.MonkeyPatch) -> None:
    """Twilio must answer at once where it never will; else it has time on a busy machine."""
    usual = twilio.HttpClient.request

    def request(self: twilio.HttpClient, method: str, *args: Any, **kwargs: Any) -> Any:
        more = {"timeout": SHORT} if whatsapp.hangs(method) else {}
        return usual(self, method, *args, **kwargs | more)

    monkeypatch.setattr(twilio.HttpClient, "request", request)


@pytest.fixture
def log_text() -> Iterator[Callable[[], str]]:
    """Everything logged so far, as it stands in the real log."""
    written = io.StringIO()
    handler = logging.StreamHandler(written)
    root = logging.getLogger()
    formatters = [one.formatter for one in root.handlers]
    handler.setFormatter(next(one for one in formatters if isinstance(one, structlog.stdlib.ProcessorFormatter)))
    root.addHandler(handler)
    yield written.getvalue
    root.removeHandler(handler)


@pytest.fixture(params=["nobody listens", "nobody answers"])
def broker_away(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    usual = current_app.conf.broker_transport_options
    with broker.black_hole() as hole, monkeypatch.context() as patch:
        port = hole if request.param == "nobody answers" else free_port()
        patch.setenv("CELERY_BROKER_URL", f"redis://127.0.0.1:{port}/0")
        brief = {"socket_timeout": 0.5, "socket_connect_timeout": 0.5}  # 2 s in the settings
        current_app.conf.update(broker_transport_options=brief)
        broker.reconnect()
        yield
    current_app.conf.update(broker_transport_options=usual)
    broker.reconnect()
