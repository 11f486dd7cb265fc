"""`python manage.py trim`: what has expired goes now, not with the next hour."""

from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.utils import timezone

from core.notifications.trim import expired, trim


class Command(BaseCommand):
    help = (
        "Deletes notifications and attempts that are older than NOTIFICATIONS_KEPT_DAYS and ATTEMPTS_KEPT_DAYS say. "
        "Without these nothing expires."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="only say how much would be deleted")

    def handle(self, *args: Any, **options: Any) -> None:
        act, said = (expired, "Would be deleted") if options["dry_run"] else (trim, "Deleted")
        found = act(timezone.now())
        self.stdout.write(
            f"{said}: {found.notifications} notifications, {found.letters} letters, {found.attempts} attempts."
        )
