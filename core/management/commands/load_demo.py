"""`python manage.py load_demo`: the demo people and tickets, into an empty database."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from core.management.demo.load import NotLoaded, load_into_empty_database


class Command(BaseCommand):
    help = "Loads the demo people and tickets into an empty database (demo mode only)."

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            loaded = load_into_empty_database()
        except NotLoaded as error:
            raise CommandError(error.detail) from error
        self.stdout.write("Demo data loaded." if loaded else "There are people already: nothing loaded.")
