"""Early pytest plugin: the world the tests run in, made before Django reads its settings.

`TEST_STACK=embedded` (default): SQLite in a temporary folder, channel layer and broker in memory.
`TEST_STACK=distributed`: a real PostgreSQL and a real Redis, started here and stopped at the end.

Every variable is set, never merely removed: a developer's `.env` must not leak into the tests.
"""

import atexit
import os
import signal
import socket
import subprocess
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from core.management.stack.child import end
from core.management.stack.services import Postgres, Redis, free_port

__all__ = ["free_port", "open_folder", "stack", "stands_in", "stop", "wait_until_listening"]

TESTS = Path(__file__).resolve().parent
TWILIO_ACCOUNT_SID = "AC" + "0123456789abcdef" * 2
TWILIO_AUTH_TOKEN = "twilio-token-of-the-tests"
TWILIO_WHATSAPP_FROM = "+12025550199"
# The data is thrown away: no need to survive a power cut.
POSTGRES_OPTIONS = ("fsync=off", "synchronous_commit=off", "full_page_writes=off")
# What no database and no broker can change is tested with the embedded stack only.
ONCE = (
    "admin/",
    "architecture/test_file_sizes.py",
    "architecture/test_floors.py",
    "architecture/test_no_",
    "architecture/test_schema.py",
    "deploy/test_compose.py",
    "deploy/test_containerfile.py",
    "deploy/test_kubernetes.py",
    "deploy/test_nginx.py",
    "deploy/test_systemd.py",
    "docs/test_links.py",
    "docs/test_readme.py",
    "docs/test_snippets.py",
    "docs/test_style.py",
    "docs/test_tables.py",
    "domain/",
    "fakes/",
    "files/",
    "jobs/test_round_trip.py",
    "management/test_address.py",
    "management/test_child.py",
    "management/test_services.py",
    "management/test_socket_protocol.py",
    "management/test_start.py",
    "matrix/test_actions.py",
    "matrix/test_routes.py",
    "notifications/test_one_file_each.py",  # like test_server.py: on an SQLite of its own
    "notifications/test_wording.py",
    "pages/test_errors.py",
    "sockets/test_client_frames.py",
    "sockets/test_server.py",
    "test_addresses.py",
    "test_env_example.py",
    "test_logging.py",
    "test_openapi.py",
    "test_settings.py",
)
# Of what else can be wrong with a call no database sees much: of a test with many cases some run with both.
FEW = ("api/", "pages/")
MOST_CASES = 4

_cleanup = ExitStack()


@pytest.hookimpl(tryfirst=True)  # before pytest-django, which imports the settings
def pytest_load_initial_conftests() -> None:
    atexit.register(_cleanup.close)
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # a terminated run cleans up like Ctrl-C
    folder = _cleanup.enter_context(open_folder())
    os.environ |= common(folder) | (distributed(folder) if stack() == "distributed" else embedded(folder))


def pytest_report_header() -> str:
    return f"stack: {stack()}"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    if stack() == "distributed":
        cases: Counter[str] = Counter()
        for item in items:
            test = item.nodeid.partition("[")[0]
            cases[test] += 1
            if stands_in(item, ONCE) or (stands_in(item, FEW) and cases[test] > MOST_CASES):
                item.add_marker(pytest.mark.skip(reason="runs once, with the embedded stack"))


def stands_in(item: pytest.Item, places: tuple[str, ...]) -> bool:
    return item.path.relative_to(TESTS).as_posix().startswith(places)


def pytest_unconfigure() -> None:
    _cleanup.close()


def stack() -> str:
    name = os.environ.setdefault("TEST_STACK", "embedded")
    if name not in {"embedded", "distributed"}:
        raise pytest.UsageError(f"TEST_STACK is embedded or distributed, not {name!r}")
    return name


def common(folder: Path) -> dict[str, str]:
    """A configured server, neither DEBUG nor DEMO, whose providers are the fakes (fixtures in conftest.py)."""
    return {
        "DEMO": "0",
        "DEBUG": "0",
        "DATA_DIR": str(folder / "data"),
        "SECRET_KEY": "a secret key for the tests, long enough",
        "JWT_SIGNING_KEY": "a signing key for the tests, long enough",
        "PUBLIC_URL": "http://testserver",
        "ALLOWED_HOSTS": "testserver,127.0.0.1,localhost",
        "CORS_ALLOWED_ORIGINS": "https://app.example.com",
        "TRUSTED_PROXIES": "0",
        "EXTRA_APPS": os.environ.get("TEST_EXTRA_APPS", ""),
        "EMAIL_URL": f"smtp://127.0.0.1:{free_port()}",
        "DEFAULT_FROM_EMAIL": "Incident Management <incidents@example.com>",
        "TWILIO_ACCOUNT_SID": TWILIO_ACCOUNT_SID,
        "TWILIO_AUTH_TOKEN": TWILIO_AUTH_TOKEN,
        "TWILIO_WHATSAPP_FROM": TWILIO_WHATSAPP_FROM,
        "TWILIO_CONTENT_SIDS": "{}",
        "TWILIO_API_URL": f"http://127.0.0.1:{free_port()}",
    }


def embedded(folder: Path) -> dict[str, str]:
    return {
        "DATABASE_URL": f"sqlite:///{folder / 'db.sqlite3'}",
        "REDIS_URL": "",
        "CELERY_BROKER_URL": "memory://localhost/",
    }


def distributed(folder: Path) -> dict[str, str]:
    run = _cleanup.enter_context(TemporaryDirectory(prefix="incident-"))
    postgres = Postgres(folder, Path(run), *POSTGRES_OPTIONS)
    redis = Redis(folder)
    for service in (postgres, redis):
        _cleanup.callback(end, [service.child], seconds=5)
        service.start()
    return {"DATABASE_URL": postgres.url, "REDIS_URL": redis.url, "CELERY_BROKER_URL": redis.url}


@contextmanager
def open_folder() -> Iterator[Path]:
    """A temporary folder that others may pass through: when we are root, PostgreSQL runs as somebody else.

    Not in pytest's: the next pytest to start closes that to them.
    """
    with TemporaryDirectory(prefix="incident-tests-") as name:
        Path(name).chmod(0o711)
        yield Path(name)


def stop(process: subprocess.Popen[bytes]) -> None:
    """End a process of ours, the hard way when it does not listen."""
    process.terminate()
    try:
        process.wait(5)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def wait_until_listening(port: int, process: subprocess.Popen[bytes], *, seconds: float = 10) -> None:
    deadline = time.monotonic() + seconds
    while process.poll() is None and time.monotonic() < deadline:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.02)
    raise RuntimeError(f"{process.args!r} does not listen on port {port}")
