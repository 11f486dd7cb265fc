"""Who works on the tickets of a page and what they are tagged with, by one statement.

By hand: two prefetches are a quarter of a page's time, most of it the ORM's. A statement of its own, because in the
page's own it would be done for the tickets of all earlier pages, too.
"""

from collections.abc import Sequence

from django.db import connection

from core.models.ticket import SHOWN, Ticket
from core.models.user import User

COLUMNS = ["id", *SHOWN]
WORKERS_AND_LABELS = """
SELECT a.ticket_id, a.id AS place, u.id, u.username AS name, u.first_name, u.last_name
FROM core_assignment a JOIN core_user u ON u.id = a.user_id WHERE a.ticket_id IN ({marks})
UNION ALL
SELECT t.ticket_id, 0, 0, n.name, '', ''
FROM core_ticket_tags t JOIN core_tag n ON n.id = t.tag_id WHERE t.ticket_id IN ({marks})
ORDER BY place, name
"""


def with_workers_and_labels(tickets: Sequence[Ticket]) -> Sequence[Ticket]:
    """Set both on each ticket: its people in the order in which they were assigned, the names of its tags by name."""
    found = {ticket.pk: ticket for ticket in tickets}
    for ticket in tickets:
        ticket.workers, ticket.labels = [], []
    if found:
        with connection.cursor() as cursor:
            marks = ", ".join(["%s"] * len(found))
            cursor.execute(WORKERS_AND_LABELS.format(marks=marks), [*found, *found])
            for pk, place, *person in cursor.fetchall():
                if place:
                    found[pk].workers.append(User.from_db(connection.alias, COLUMNS, person))
                else:
                    found[pk].labels.append(person[1])
    return tickets
