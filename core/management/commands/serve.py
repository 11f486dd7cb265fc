"""`python manage.py serve`: one web process of many, REST and sockets; workers and beat run elsewhere."""

import os
import socket
from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from core.management.address import check_demo_stays_here, check_migrations, host_of, listen
from core.management.server import serve

STOP_SECONDS = 20.0  # sockets have gone elsewhere in the first; an upload may take the rest


class Command(BaseCommand):
    help = "Serves REST, WebSockets and pages; messages are sent by Celery workers."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--host", default="127.0.0.1")
        parser.add_argument("--port", type=int, default=8000)
        parser.add_argument("--fd", type=int, help="an inherited socket that listens, in place of these")

    def handle(self, *, host: str, port: int, fd: int | None, **options: Any) -> None:
        if settings.CELERY_BROKER_URL.startswith("memory"):
            raise CommandError("serve needs Redis and workers: set REDIS_URL, or take runserver.")
        with listen(host, port) if fd is None else socket.socket(fileno=fd) as listener:
            check_demo_stays_here(host_of(listener))
            check_migrations()
            serve(listener, None, say_ready, stop_within=STOP_SECONDS)


def say_ready() -> None:
    """As systemd wants to be told (sd_notify), and `stack` too."""
    address = os.environ.get("NOTIFY_SOCKET")
    if address:
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as notify:
            notify.sendto(b"READY=1", address.replace("@", "\0", 1) if address.startswith("@") else address)
