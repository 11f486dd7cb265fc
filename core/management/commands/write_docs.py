"""`python manage.py write_docs`: bring the generated tables and listings of the documents up to date."""

from typing import Any

from django.core.management.base import BaseCommand

from core.management.doc_tables import DOCUMENTS, completed, root


class Command(BaseCommand):
    help = "Writes the generated tables and listings of README, guide and CONTRIBUTING anew."

    def handle(self, *args: Any, **options: Any) -> None:
        for name in DOCUMENTS:
            path = root() / name
            before = path.read_text(encoding="utf-8")
            after = completed(before)
            path.write_text(after, encoding="utf-8")
            self.stdout.write(f"{name}: {'unchanged' if after == before else 'written'}")
