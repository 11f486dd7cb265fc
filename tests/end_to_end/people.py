"""`python -m tests.end_to_end.people make PEOPLE TEAM | truth`: on the product's database, what clients begin with,
and what they must know in the end; as JSON."""

import json
import sys
from datetime import timedelta
from typing import Any

import django

django.setup()

from django.utils.timezone import now  # noqa: E402 - needs the applications

from core.actions import sessions, tickets  # noqa: E402
from core.models import Feed, Role, User  # noqa: E402
from core.notifications.feed import inbox_rows, settle, unread_count  # noqa: E402

TICKETS_EACH = 3  # teams that a person is in


def make(people: int, team: int) -> dict[str, Any]:
    """Developers in teams that overlap, each team on one ticket of the same client, who has told them nothing yet."""
    ada, cleo = person("admin", Role.ADMIN), person("client", Role.CLIENT)
    names = [f"dev{number}" for number in range(people)]
    User.objects.bulk_create(User(username=n, email=f"{n}@example.com", role=Role.DEVELOPER) for n in names)
    developers = list(User.objects.filter(username__in=names).order_by("pk"))
    made = []
    for number in range(TICKETS_EACH * people // team):
        ticket = tickets.create(actor=cleo, title=f"Scanner {number} is dead", description="It does not even blink.")
        # Every third one: neighbours share some teams, but not all.
        start, step = number * team // TICKETS_EACH, number % TICKETS_EACH + 1
        members = {developers[(start + step * place) % people].pk for place in range(team)}
        due = now() + timedelta(days=1)
        tickets.assign(actor=ada, ticket_id=ticket.pk, assigned_to=sorted(members), resolution_due_at=due)
        made.append((ticket.pk, len(members)))
    tokens = {user.pk: sessions.start(user=user).access for user in developers}
    return {"client": sessions.start(user=cleo).access, "tickets": made, "people": tokens}


def person(username: str, role: Role) -> User:
    return User.objects.create(username=username, email=f"{username}@example.com", role=role)


def truth() -> dict[int, Any]:
    """Of everybody who has an inbox: how much is unread, and every notification with its position and state."""
    found = {}
    for feed in Feed.objects.all():
        rows = list(inbox_rows(feed))
        settle(feed, rows)
        states = {row.pk: [row.seq, row.is_read, row.is_archived] for row in rows}
        found[feed.pk] = {"seq": feed.top_seq, "unread_count": unread_count(feed), "notifications": states}
    return found


if __name__ == "__main__":
    what, *numbers = sys.argv[1:]
    print(json.dumps(truth() if what == "truth" else make(*map(int, numbers))))  # noqa: T201
