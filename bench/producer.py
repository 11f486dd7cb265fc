"""`python -m bench.producer`: events in bursts, as each line of input says: `[kind, rate, seconds, people each]`.

A kind is `bare` (the channel layer), `limit` (Redis) or whoever is told by the real path: everybody whose name begins
with it. One change tells so many people at once, as a busy ticket does; each of them is one event of the rate. Answers
when each burst was committed, as JSON.
"""

import asyncio
import json
import os
import sys
import time
from collections.abc import Sequence

import django

django.setup()

from channels.layers import get_channel_layer  # noqa: E402 - needs the applications
from django.db import transaction  # noqa: E402
from django.utils import timezone  # noqa: E402
from redis.asyncio import Redis  # noqa: E402

from core.domain.change import Change, Person, TicketFacts  # noqa: E402
from core.models import Ticket, User  # noqa: E402
from core.notifications.dispatch import announce  # noqa: E402

NUMBERS = range(1_000)  # of the sockets of `bare` and `limit`

redis = Redis.from_url(os.environ["REDIS_URL"])


def ours(title: str, people: Sequence[int]) -> float:
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


def frame_of(title: str, number: int) -> dict[str, object]:
    return {"type": "notification", "message": "A ticket.", "ticket": {"title": title}, "id": number}


async def bare(title: str, people: Sequence[int]) -> float:
    """The same frames by nothing but the channel layer."""
    layer, began = get_channel_layer(), time.monotonic()
    for number in people:
        await layer.group_send(f"bare.{number}", {"type": "bare.frame", "frame": frame_of(title, number)})
    return began


async def limit(title: str, people: Sequence[int]) -> float:
    """The same frames by nothing but Redis, all in one message to it."""
    began = time.monotonic()
    async with redis.pipeline(transaction=False) as together:
        for number in people:
            together.publish(f"limit.{number}", json.dumps(frame_of(title, number)))
        await together.execute()
    return began


async def produce(kind: str, rate: int, seconds: int, each: int) -> dict[str, float]:
    tell = {"bare": bare, "limit": limit}.get(kind)
    named = User.objects.filter(username__startswith=f"{kind}-").order_by("pk")
    people = NUMBERS if tell else list(named.values_list("pk", flat=True))
    stamps, begin = {}, time.monotonic() + 0.5
    for number in range(rate * seconds // each):
        await asyncio.sleep(begin + number * each / rate - time.monotonic())
        first = number * each % len(people)
        title, told = f"{kind}-{time.monotonic_ns()}", people[first : first + each]
        stamps[title] = await tell(title, told) if tell else ours(title, told)
    return stamps


async def main() -> None:
    for line in sys.stdin:
        print(json.dumps(await produce(*json.loads(line))), flush=True)


if __name__ == "__main__":
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"  # nothing else runs on this loop
    asyncio.run(main())
