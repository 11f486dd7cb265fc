"""`python -m bench.producer ours|bare RATE SECONDS`: events in small bursts; prints when each was committed, as JSON.

One change tells PEOPLE_EACH people, as a busy ticket does; each of them is one event of the rate.
"""

import asyncio
import json
import os
import sys
import time

import django

django.setup()

from channels.layers import get_channel_layer  # noqa: E402 - needs the applications
from django.db import transaction  # noqa: E402
from django.utils import timezone  # noqa: E402

from core.domain.change import Change, Person, TicketFacts  # noqa: E402
from core.models import Role, Ticket, User  # noqa: E402
from core.notifications.dispatch import announce  # noqa: E402

PEOPLE_EACH = 20


def ours(title: str, people: list[int]) -> float:
    """One change by the real path; when it was committed."""
    ticket = Ticket.objects.select_related("created_by").earliest("pk")
    creator = ticket.created_by
    change = Change(
        event="ticket_unassigned",
        key=f"bench:{title}",
        at=timezone.now(),
        actor=Person(creator.pk, creator.username, creator.full_name),
        ticket=TicketFacts(ticket.pk, ticket.number, title, ticket.status, "New", ticket.priority),
        creator_id=creator.pk,
        unassigned_ids=tuple(people),
    )
    committed: list[float] = []
    with transaction.atomic():
        transaction.on_commit(lambda: committed.append(time.monotonic()))
        announce(change)
    return committed[0]


async def bare(title: str, people: list[int]) -> float:
    """The same frames by nothing but the channel layer."""
    layer, began = get_channel_layer(), time.monotonic()
    for number in people:
        frame = {"type": "notification", "message": "A ticket.", "ticket": {"title": title}, "id": number}
        await layer.group_send(f"bare.{number}", {"type": "bare.frame", "frame": frame})
    return began


async def main(kind: str, rate: int, seconds: int) -> dict[str, float]:
    people = list(User.objects.filter(role=Role.DEVELOPER).order_by("pk").values_list("pk", flat=True))
    stamps, bursts, begin = {}, rate * seconds // PEOPLE_EACH, time.monotonic() + 0.5
    for number in range(bursts):
        await asyncio.sleep(begin + number * PEOPLE_EACH / rate - time.monotonic())
        first = number * PEOPLE_EACH % len(people)
        title, told = f"{kind}-{time.monotonic_ns()}", people[first : first + PEOPLE_EACH]
        stamps[title] = ours(title, told) if kind == "ours" else await bare(title, told)
    await asyncio.sleep(1)  # what is under way
    return stamps


if __name__ == "__main__":
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"  # nothing else runs on this loop
    print(json.dumps(asyncio.run(main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3])))))
