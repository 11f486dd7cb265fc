"""`python manage.py runserver [address]`: the whole product in one process, on Windows too."""

import os
import socket
from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import OperationalError, connection
from django.db.migrations.executor import MigrationExecutor

from core.management.banner import banner
from core.management.demo.load import load_into_empty_database
from core.management.embedded import Embedded
from core.management.loopback import is_loopback
from core.management.server import serve


class Command(BaseCommand):
    help = "Serves REST, WebSockets and pages, and sends what is due."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("address", nargs="?", default="127.0.0.1:8000", help="[host:]port")
        parser.add_argument("--noreload", action="store_true", help="accepted and ignored: it never reloads")

    def handle(self, *, address: str, **options: Any) -> None:
        host, port = parse(address)
        if settings.DEMO and not is_loopback(host):
            raise CommandError(f"Demo mode has known passwords: it listens on 127.0.0.1 only, not on {host}.")
        check_migrations()
        listener = listen(host, port)
        url = f"http://{f'[{host}]' if ':' in host else host}:{listener.getsockname()[1]}"
        if not os.environ.get("PUBLIC_URL") and is_loopback(host):
            settings.PUBLIC_URL = url  # links in messages lead here, whatever the port
            settings.CSRF_TRUSTED_ORIGINS = [url]
        embedded = Embedded() if settings.CELERY_BROKER_URL.startswith("memory") else None
        if settings.DEMO:
            load_into_empty_database()
        serve(listener, embedded, lambda: self.stdout.write(banner(url)))


def parse(address: str) -> tuple[str, int]:
    """Split `8000`, `127.0.0.1:8000` or `[::1]:8000`."""
    host, _, port = address.rpartition(":")
    if not port.isdecimal() or int(port) > 65_535:
        raise CommandError(f"{address!r} is not a valid [host:]port.")
    return host.strip("[]") or "127.0.0.1", int(port)


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
