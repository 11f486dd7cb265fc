"""`python manage.py rotate_epochs`: after a restore from a backup, so that every client fetches its inbox anew."""

from typing import Any

from django.core.management.base import BaseCommand

from core.notifications.epochs import rotate_epochs


class Command(BaseCommand):
    help = "Gives every inbox a new epoch. Run it after a restore from a backup, before the servers start."

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(f"New epochs: {rotate_epochs()}.")
