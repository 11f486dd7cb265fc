"""What every test may ask for: people, clients, the outside world, and deliveries done here and now."""

import os
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import urlencode, urlsplit

import pytest
from django.conf import settings as django_settings
from django.test import Client, override_settings
from django.utils import timezone

from core.actions import sessions, tickets
from core.models import DeliveryStatus, NotificationLog, Role, Status, Ticket, User
from core.notifications import circuit, registry
from core.notifications.deliver import drain
from Management import settings as configured
from tests.fakes.smtp import FakeSmtp
from tests.fakes.twilio import FakeTwilio
from tests.fakes.twilio_webhooks import Answer
from tests.openapi import ApiClient

PASSWORD = "demo-password"


# --- The world ----------------------------------------------------------------------------------


@pytest.fixture(scope="session", autouse=True)
def _test_settings(django_test_environment: None) -> Iterator[None]:
    """Real mail (Django's test environment would keep it in memory), and hashes that cost no time."""
    quick = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    with override_settings(EMAIL_BACKEND=configured.EMAIL_BACKEND, PASSWORD_HASHERS=quick):
        yield


@pytest.fixture(scope="session")
def django_db_modify_db_settings() -> None:
    """On SQLite the test database is a file: threads do not share one in memory as they share a file."""
    database = django_settings.DATABASES["default"]
    if database["ENGINE"].endswith("sqlite3"):
        database["TEST"]["NAME"] = f"{database['NAME']}.test"


@pytest.fixture(scope="session")
def _smtp() -> Iterator[FakeSmtp]:
    fake = FakeSmtp(port_of("EMAIL_URL"))
    fake.start()
    yield fake
    for channel in registry.channels().values():
        channel.close()
    fake.stop()


@pytest.fixture(scope="session")
def _twilio() -> Iterator[FakeTwilio]:
    fake = FakeTwilio(
        port_of("TWILIO_API_URL"),
        account=configured.TWILIO_ACCOUNT_SID,
        token=configured.TWILIO_AUTH_TOKEN,
        sender=configured.TWILIO_WHATSAPP_FROM,
    )
    fake.start()
    yield fake
    fake.stop()


def port_of(variable: str) -> int:
    port = urlsplit(os.environ[variable]).port
    assert port is not None
    return port


@pytest.fixture(autouse=True)
def _nothing_unexpected(_smtp: FakeSmtp, _twilio: FakeTwilio) -> Iterator[None]:
    """Every message that no test took makes the test fail; every test starts with well-behaved providers."""
    yield
    _smtp.behave()
    _twilio.behave()
    circuit._unanswered.clear()
    problems = []
    for fake in (_smtp, _twilio):
        try:
            fake.expect_nothing()
        except AssertionError as error:
            problems.append(str(error))
    if problems:
        pytest.fail("\n".join(problems), pytrace=False)


@pytest.fixture
def mailbox(_smtp: FakeSmtp) -> FakeSmtp:
    """The SMTP server that all mail goes to: `mailbox.take("dan@example.com").message["Subject"]`."""
    return _smtp


@pytest.fixture
def whatsapp(_twilio: FakeTwilio, monkeypatch: pytest.MonkeyPatch) -> FakeTwilio:
    """The Twilio that all WhatsApp messages go to: `whatsapp.take(str(dan.phone_number)).body`.

    Webhooks that it calls are answered here: `whatsapp.report(message, "delivered")`.
    """
    monkeypatch.setattr(_twilio, "post", call)
    return _twilio


def call(url: str, form: dict[str, str], headers: dict[str, str]) -> Answer:
    """Answer a webhook in this process."""
    address = urlsplit(url)
    body, kind = urlencode(form), "application/x-www-form-urlencoded"
    client = Client(raise_request_exception=True, headers=headers)
    response = client.post(f"{address.path}?{address.query}", body, content_type=kind)
    return Answer(response.status_code, response.text)


@pytest.fixture
def deliver(db: None) -> Callable[[], None]:
    """Send everything that is due now, on every channel, in this thread."""

    def deliver_now() -> None:
        for key in registry.outgoing_channels():
            drain(key)

    return deliver_now


@pytest.fixture
def storage(tmp_path: Path) -> Iterator[Path]:
    """An empty folder for the files on tickets."""
    files = {"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": {"location": tmp_path / "files"}}
    with override_settings(STORAGES=configured.STORAGES | {"default": files}):
        yield tmp_path / "files"


# --- People -------------------------------------------------------------------------------------


def person(username: str, role: Role, number: int) -> User:
    return User.objects.create_user(
        username,
        f"{username}@example.com",
        PASSWORD,
        first_name=username.capitalize(),
        last_name=role.capitalize(),
        role=role,
        phone_number=f"+1202555010{number}",
        phone_verified_at=timezone.now(),
        whatsapp_opted_in=True,
        whatsapp_inbound_at=timezone.now(),
    )


@pytest.fixture
def ada(db: None) -> User:
    return person("ada", Role.ADMIN, 1)


@pytest.fixture
def dan(db: None) -> User:
    return person("dan", Role.DEVELOPER, 2)


@pytest.fixture
def dora(db: None) -> User:
    return person("dora", Role.DEVELOPER, 3)


@pytest.fixture
def cleo(db: None) -> User:
    return person("cleo", Role.CLIENT, 4)


@pytest.fixture
def carl(db: None) -> User:
    return person("carl", Role.CLIENT, 5)


# --- Clients ------------------------------------------------------------------------------------


@pytest.fixture
def anonymous() -> ApiClient:
    return ApiClient()


@pytest.fixture
def api(db: None) -> Callable[[User], ApiClient]:
    """`api(user)` is a client signed in as that person, with a session of its own."""

    def signed_in(user: User) -> ApiClient:
        client = ApiClient()
        client.credentials(HTTP_AUTHORIZATION=f"Bearer {sessions.start(user=user).access}")
        return client

    return signed_in


# --- Tickets ------------------------------------------------------------------------------------

LIFE = [Status.NEW, Status.OPEN, Status.IN_PROGRESS, Status.RESOLVED, Status.CLOSED]


class MakeTicket(Protocol):
    def __call__(
        self,
        status: Status = ...,
        *,
        created_by: User | None = ...,
        assigned_to: Sequence[User] = ...,
        quiet: bool = ...,
        **fields: Any,
    ) -> Ticket: ...


@pytest.fixture
def make_ticket(ada: User, dan: User, cleo: User) -> MakeTicket:
    """`make_ticket(Status.RESOLVED)` leads a ticket there by the real verbs.

    Cleo raises it; Ada assigns `assigned_to` (Dan, when somebody must work on it); the first of them
    works. What that leaves to be sent is cancelled unless `quiet=False`; the inboxes keep it.
    """

    def make(
        status: Status = Status.NEW,
        *,
        created_by: User | None = None,
        assigned_to: Sequence[User] = (),
        quiet: bool = True,
        **fields: Any,
    ) -> Ticket:
        creator, steps = created_by or cleo, LIFE.index(status)
        team = list(assigned_to) or ([dan] if steps >= LIFE.index(Status.IN_PROGRESS) else [])
        words = {"title": "Checkout shows a blank page", "description": "Since this morning."}
        key = tickets.create(actor=creator, **words | fields).pk
        if team:
            tickets.assign(actor=ada, ticket_id=key, assigned_to=[user.pk for user in team])
        elif steps:
            tickets.open_ticket(actor=ada, ticket_id=key)
        if steps >= LIFE.index(Status.IN_PROGRESS):
            tickets.start_work(actor=team[0], ticket_id=key)
        if steps >= LIFE.index(Status.RESOLVED):
            tickets.finish_work(actor=team[0], ticket_id=key)
        if steps >= LIFE.index(Status.CLOSED):
            tickets.approve(actor=creator, ticket_id=key)
        if quiet:
            hush(key)
        return Ticket.objects.get(pk=key)

    return make


@pytest.fixture
def new_ticket(make_ticket: MakeTicket) -> Ticket:
    """A ticket that Cleo has just raised."""
    return make_ticket()


def hush(ticket_id: int) -> None:
    """Cancel what a ticket still has to send."""
    waiting = NotificationLog.objects.filter(ticket=ticket_id, status=DeliveryStatus.PENDING)
    waiting.update(status=DeliveryStatus.CANCELLED, next_attempt_at=None, error="set up by a test")
