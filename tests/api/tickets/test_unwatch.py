"""POST /api/tickets/{id}/unwatch/"""

from django.utils.timezone import now

from core.actions import tickets
from core.models import Ticket, User, Watch
from tests.api.tickets.follow_refusals import FollowRefusals
from tests.tickets import URL, Api, refused, tells, url


class TestRefusals(FollowRefusals):
    action = "unwatch"


def test_one_hears_no_more(api: Api, ada: User, cleo: User, new_ticket: Ticket) -> None:
    api(ada).post(url(new_ticket, "watch"))
    assert api(ada).post(url(new_ticket, "unwatch")).json()["watchers_count"] == 0
    with tells():
        tickets.add_comment(actor=cleo, ticket_id=new_ticket.pk, comment="Hello?")


def test_a_developer_who_only_watches_it_sees_it_no_more(api: Api, dora: User, new_ticket: Ticket) -> None:
    Watch.objects.create(ticket=new_ticket, user=dora, created_at=now())
    client = api(dora)
    assert client.get(URL).json()["count"] == 1
    assert client.post(url(new_ticket, "unwatch")).status_code == 200
    refused(404, client.get, url(new_ticket))
    assert client.get(URL).json()["count"] == 0
