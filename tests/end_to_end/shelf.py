"""`python -m tests.end_to_end.shelf TICKETS`: on the product's database, an admin who has raised so many tickets, of
which nobody has been told, and two developers: whoever is put on them hears of each, or once in an hour. As JSON."""

import json
import sys
from typing import Any

import django

django.setup()

from django.utils.timezone import now  # noqa: E402 - needs the applications

from core.actions import sessions  # noqa: E402
from core.models import Preference, Role, Ticket, User  # noqa: E402

PEOPLE = (("admin", Role.ADMIN), ("often", Role.DEVELOPER), ("seldom", Role.DEVELOPER))
BATCH = 1_000


def fill(number: int) -> dict[str, Any]:
    admin, often, seldom = (person(name, role) for name, role in PEOPLE)
    Preference.objects.create(user=seldom, digest="hourly")
    often.phone_number = "+12025570100"
    often.phone_verified_at = often.whatsapp_inbound_at = now()
    often.whatsapp_opted_in = True
    often.save()
    words = {"description": "It does not even blink.", "created_by": admin, "created_at": now(), "updated_at": now()}
    made = Ticket.objects.bulk_create(
        [Ticket(title=f"Scanner {each} is dead", **words) for each in range(number)], batch_size=BATCH
    )
    people = [{"id": user.pk, "email": user.email} for user in (often, seldom)]
    token = sessions.start(user=admin).access
    return {"token": token, "admin": admin.pk, "tickets": [ticket.pk for ticket in made], "people": people}


def person(username: str, role: Role) -> User:
    return User.objects.create(username=username, email=f"{username}@example.com", role=role)


if __name__ == "__main__":
    print(json.dumps(fill(int(sys.argv[1]))))  # noqa: T201
