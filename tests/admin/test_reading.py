"""Everything can be looked at; what the product writes, nobody changes by hand."""

import pytest
from django.test import Client

from core.models import NotificationLog, Ticket, User
from tests.conversations import direct, say
from tests.questions import ask, reply


@pytest.mark.parametrize("model", ["user", "ticket", "notificationlog", "channelcircuit", "question", "answer"])
def test_every_list_can_be_looked_at(model: str, site: Client, ticket: Ticket) -> None:
    reply(ticket.created_by, ask(ticket.created_by))
    assert site.get(f"/admin/core/{model}/").status_code == 200


def test_rows_of_the_product_are_not_added_changed_or_deleted(site: Client, ticket: Ticket) -> None:
    row = NotificationLog.objects.first()
    assert row is not None
    shown = site.get(f"/admin/core/notificationlog/{row.pk}/change/")
    assert shown.status_code == 200
    assert row.link_key not in shown.content.decode()
    for path in (
        "notificationlog/add/",
        f"notificationlog/{row.pk}/delete/",
        "ticket/add/",
        f"ticket/{ticket.pk}/delete/",
    ):
        assert site.get(f"/admin/core/{path}").status_code == 403


def test_what_two_people_say_to_each_other_is_no_admin_s(site: Client, dan: User, dora: User) -> None:
    say(direct(dan, dora), dan, "Do not tell Ada.")
    row = NotificationLog.objects.filter(recipient=dora)[0]
    shown = site.get(f"/admin/core/notificationlog/{row.pk}/change/").content.decode()
    assert row.subject in shown
    assert "Do not tell" not in shown
