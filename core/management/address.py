"""Where a server listens, and what has to be right before it does."""

import os
import socket

from django.conf import settings
from django.core.management.base import CommandError
from django.db import OperationalError, connection
from django.db.migrations.executor import MigrationExecutor

from core.management.loopback import is_loopback


def parse(address: str) -> tuple[str, int]:
    """Split `8000`, `127.0.0.1:8000` or `[::1]:8000`."""
    host, _, port = address.rpartition(":")
    if not port.isdecimal() or int(port) > 65_535:
        raise CommandError(f"{address!r} is not a valid [host:]port.")
    return host.strip("[]") or "127.0.0.1", int(port)


def check_demo_stays_here(host: str) -> None:
    if settings.DEMO and not is_loopback(host):
        raise CommandError(f"Demo mode has known passwords: it listens on 127.0.0.1 only, not on {host}.")


def host_of(listener: socket.socket) -> str:
    """Where it listens; one that is a file can be reached from this machine only."""
    name = listener.getsockname()
    return str(name[0]) if isinstance(name, tuple) else "localhost"


def check_migrations() -> None:
    """Refuse to serve a database that does not fit the code."""
    try:
        executor = MigrationExecutor(connection)
    except OperationalError as error:
        raise CommandError(f"Cannot reach the database: {error}") from error
    if executor.migration_plan(executor.loader.graph.leaf_nodes()):
        raise CommandError("The database is not up to date. Run: python manage.py migrate")


def listen(host: str, port: int) -> socket.socket:
    try:
        family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
        listener = socket.create_server((host, port), family=family, backlog=2048)
    except OSError as error:
        raise CommandError(f"Cannot listen on {host}:{port}: {error.strerror}. Try another port.") from error
    # Connections inherit it; asyncio does not set it on a listener made like this, so answers waited 40 ms for an ACK.
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return listener


def url_of(host: str, listener: socket.socket) -> str:
    """Its URL; on this machine links in messages lead there, whatever the port, unless PUBLIC_URL says else."""
    url = f"http://{f'[{host}]' if ':' in host else host}:{listener.getsockname()[1]}"
    if not os.environ.get("PUBLIC_URL") and is_loopback(host):
        settings.PUBLIC_URL = url
        settings.CSRF_TRUSTED_ORIGINS = [url]
    return url
