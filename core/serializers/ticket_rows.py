"""Tickets as rows of a table: what an export writes, and an import reads again."""

import csv
from collections.abc import Iterable, Mapping
from datetime import datetime

from core.actions.clocks import iso
from core.domain import sla
from core.domain.sla import Targets
from core.models import Ticket

COLUMNS = (
    *("number", "title", "description", "project_name", "category", "priority", "status"),
    *("created_by", "assigned_to", "tags"),
    *("response_due_at", "first_responded_at", "resolution_due_at", "estimated_resolution_time"),
    *("opened_at", "started_at", "resolved_at", "closed_at", "sla_response", "sla_resolution"),
    *("created_at", "updated_at"),
)
NEEDED = ("title", "description")
WRITABLE = (*NEEDED, "project_name", "category", "priority", "tags")


def row_of(ticket: Ticket, now: datetime, targets: Targets) -> list[str]:
    """One cell for each of COLUMNS. Needs its creator and with_workers_and_labels()."""
    clocks = sla.states(ticket, now, targets)
    moments = (
        *(ticket.response_due_at, ticket.first_responded_at),
        *(ticket.resolution_due_at, ticket.estimated_resolution_time),
        *(ticket.opened_at, ticket.started_at, ticket.resolved_at, ticket.closed_at),
    )
    return [
        ticket.number,
        ticket.title,
        ticket.description,
        ticket.project_name,
        ticket.category,
        ticket.priority,
        ticket.status,
        ticket.created_by.username,
        ", ".join(person.username for person in ticket.workers),
        joined(ticket.labels),
        *(iso(moment) or "" for moment in moments),
        clocks["response"].value,
        clocks["resolution"].value,
        iso(ticket.created_at) or "",
        iso(ticket.updated_at) or "",
    ]


def joined(tags: Iterable[str]) -> str:
    """In one cell, as tags_in() takes it apart: a tag with a comma or a quote in it stands in quotes."""
    return ", ".join('"' + tag.replace('"', '""') + '"' if set(tag) & set(',"') else tag for tag in tags)


def tags_in(cell: str) -> list[str]:
    line = " ".join(cell.split())
    return [tag for tag in next(csv.reader([line], skipinitialspace=True), []) if tag]


def given(cells: Mapping[str, str]) -> dict[str, object]:
    """What a row says of the ticket to be made. An empty cell says nothing, unless it must say something."""
    said: dict[str, object] = {name: cell for name, cell in cells.items() if name in NEEDED or cell.strip()}
    return said | {"tags": tags_in(cells["tags"])} if "tags" in said else said
