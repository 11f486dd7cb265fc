"""POST /api/tickets/{id}/watch/"""

import pytest

from core.actions import tickets
from core.models import Role, User
from tests.api.tickets.follow_refusals import FollowRefusals
from tests.conftest import MakeTicket
from tests.tickets import URL, Api, newcomers, refused, tells, url


class TestRefusals(FollowRefusals):
    action = "watch"


def test_watchers_hear_of_comments_each_once(
    api: Api, ada: User, dan: User, cleo: User, make_ticket: MakeTicket
) -> None:
    (other,) = newcomers(Role.ADMIN, 1)
    ticket = make_ticket(assigned_to=[dan])
    for user in (ada, dan, cleo):
        api(user).post(url(ticket, "watch"))
    answer = api(other).post(url(ticket, "watch")).json()
    assert (answer["watchers_count"], answer["version"]) == (4, ticket.version)
    told = [(ada, "watcher"), (dan, "assigned"), (cleo, "creator")]
    with tells(*((user, "comment_added", reason) for user, reason in told)):
        tickets.add_comment(actor=other, ticket_id=ticket.pk, comment="Which browser?")
    assert api(ada).get(URL).json()["results"][0]["watchers_count"] == 4


@pytest.mark.parametrize(("action", "name"), [("watch", "is_watching"), ("mute", "is_muted")])
def test_everybody_is_told_whether_they_do(
    api: Api, ada: User, cleo: User, make_ticket: MakeTicket, action: str, name: str
) -> None:
    ticket, other = make_ticket(), make_ticket()
    both = {"is_watching": False, "is_muted": False}
    for what, expected in ((action, both | {name: True}), (f"un{action}", both)):
        answer = api(ada).post(url(ticket, what)).json()
        listed = {row["id"]: row for row in api(ada).get(URL).json()["results"]}
        for row in (answer, api(ada).get(url(ticket)).json(), listed[ticket.pk]):
            assert {key: row[key] for key in both} == expected
        for row in (listed[other.pk], api(cleo).get(url(ticket)).json()):
            assert {key: row[key] for key in both} == both


def test_who_is_taken_off_watches_no_more(api: Api, ada: User, dan: User, dora: User, make_ticket: MakeTicket) -> None:
    ticket = make_ticket(assigned_to=[dan, dora])
    for user in (ada, dan, dora):
        api(user).post(url(ticket, "watch"))
    answer = api(ada).post(url(ticket, "assign"), {"assigned_to": [dora.pk]}).json()
    assert answer["watchers_count"] == 2
    assert set(ticket.watches.values_list("user__username", flat=True)) == {"ada", "dora"}
    refused(404, api(dan).get, url(ticket))
