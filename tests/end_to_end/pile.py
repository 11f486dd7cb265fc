"""`python -m tests.end_to_end.pile ADMINS TICKETS`: on the product's database, admins whom every channel reaches, and
tickets raised one after the other, each of which tells all of them."""

import sys

import django

django.setup()

from django.utils.timezone import now  # noqa: E402 - needs the applications

from core.actions import tickets  # noqa: E402
from core.models import Role, User  # noqa: E402


def pile_up(admins: int, number: int) -> None:
    User.objects.bulk_create(admin(place) for place in range(admins))
    client = User.objects.create(username="piler", email="piler@example.com", role=Role.CLIENT)
    for each in range(number):
        tickets.create(actor=client, title=f"Scanner {each} is dead", description="It does not even blink.")


def admin(place: int) -> User:
    return User(
        username=f"admin{place}",
        email=f"admin{place}@example.com",
        role=Role.ADMIN,
        phone_number=f"+1202556{place:04d}",
        phone_verified_at=now(),
        whatsapp_opted_in=True,
        whatsapp_inbound_at=now(),
    )


if __name__ == "__main__":
    pile_up(*map(int, sys.argv[1:]))
