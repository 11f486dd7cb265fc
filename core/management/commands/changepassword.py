"""`python manage.py changepassword [username]`: Django's, but it ends every session and writes nothing else."""

import getpass
from argparse import ArgumentParser
from typing import Any

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError

from core.actions import accounts
from core.models import User

TRIES = 3


class Command(BaseCommand):
    help = "Changes a person's password and ends every session of theirs."
    requires_migrations_checks = True

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("username", nargs="?", help="by default the name you have on this machine")

    def handle(self, *, username: str | None, **options: Any) -> str:
        name = username or getpass.getuser()
        account = User.objects.filter(username=name).first()
        if account is None:
            raise CommandError(f"user '{name}' does not exist")
        self.stdout.write(f"Changing password for user '{account}'")
        account.set_password(self.ask(account))
        accounts.save(account=account, fields=["password"])
        return f"Password changed successfully for user '{account}'"

    def ask(self, account: User) -> str:
        """A good new password, typed twice alike."""
        for _ in range(TRIES):
            password = getpass.getpass()
            if not password:
                raise CommandError("aborted")
            if password != getpass.getpass("Password (again): "):
                self.stderr.write("Passwords do not match. Please try again.")
            elif not (problems := weaknesses(password, account)):
                return password
            else:
                self.stderr.write("\n".join(problems))
        raise CommandError(f"Aborting password change for user '{account}' after {TRIES} attempts")


def weaknesses(password: str, account: User) -> list[str]:
    try:
        validate_password(password, account)
    except ValidationError as error:
        return error.messages
    return []
