"""Runs in a copy of the product to which pigeon.py and ticket_praised.py were added; prints what happened."""

import json
from dataclasses import replace

from django.core.management import call_command
from django.db import transaction

from core.actions import tickets
from core.actions.step import facts_of
from core.domain.change import Person
from core.models import NotificationLog, Role, User
from core.notifications import registry
from core.notifications.deliver import drain
from core.notifications.dispatch import announce


def main() -> None:
    call_command("migrate", verbosity=0)
    roles = {"ada": Role.ADMIN, "dan": Role.DEVELOPER, "cleo": Role.CLIENT}
    ada, dan, cleo = (
        User.objects.create(username=name, email=f"{name}@example.com", role=roles[name]) for name in roles
    )
    ticket = tickets.create(actor=cleo, title="Blank page", description="Since this morning.")
    tickets.assign(actor=ada, ticket_id=ticket.pk, assigned_to=[dan.pk])
    praise = replace(
        registry.events()["ticket_praised"].example,
        actor=Person(cleo.pk, "cleo", "Cleo"),
        ticket=facts_of(ticket),
        creator_id=cleo.pk,
        assignee_ids=(dan.pk,),
    )
    with transaction.atomic():
        announce(praise)
    for key in registry.outgoing_channels():
        drain(key)
    rows = NotificationLog.objects.filter(notification_type="PIGEON").order_by("event", "recipient__username")
    told = [[row.event, row.recipient.username, row.status, row.provider_id == str(row.pk)] for row in rows]
    print(json.dumps({"channels": sorted(registry.channels()), "told": told}))  # noqa: T201
