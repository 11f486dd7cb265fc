"""`python manage.py runserver [address]`: the whole product in one process, on Windows too."""

from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from core.management.address import check_demo_stays_here, check_migrations, listen, parse, url_of
from core.management.banner import banner
from core.management.demo.load import load_into_empty_database
from core.management.embedded import Embedded
from core.management.server import STOP_SECONDS, serve


class Command(BaseCommand):
    help = "Serves REST, WebSockets and pages, and sends what is due."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("address", nargs="?", default="127.0.0.1:8000", help="[host:]port")
        parser.add_argument("--noreload", action="store_true", help="accepted and ignored: it never reloads")

    def handle(self, *, address: str, **options: Any) -> None:
        host, port = parse(address)
        check_demo_stays_here(host)
        check_migrations()
        listener = listen(host, port)
        url = url_of(host, listener)
        embedded = Embedded() if settings.CELERY_BROKER_URL.startswith("memory") else None
        if settings.DEMO:
            load_into_empty_database()
        serve(listener, embedded, lambda: self.stdout.write(banner(url)), stop_within=STOP_SECONDS)
