"""What watching and muting refuse; whoever sees the ticket may, in every status, and it is no change of the ticket."""

from typing import ClassVar

from core.models import Status, User
from tests.conftest import MakeTicket
from tests.openapi import ApiClient
from tests.tickets import NOBODY_SEES, NOT_ACCEPTED, Api, everything, in_status, refused, url

STALE = {"If-Match": '"999"'}


class FollowRefusals:
    action: ClassVar[str]

    def test_nobody_does_it_without_signing_in(self, anonymous: ApiClient, new_ticket: object) -> None:
        assert refused(401, anonymous.post, url(NOBODY_SEES, self.action))["code"] == "not_authenticated"

    def test_what_one_cannot_see_is_not_there(
        self, api: Api, dan: User, dora: User, carl: User, make_ticket: MakeTicket
    ) -> None:
        ticket = make_ticket(assigned_to=[dan])
        for user in (dora, carl):
            for hidden in (ticket, NOBODY_SEES):
                assert refused(404, api(user).post, url(hidden, self.action), {"x": 1})["code"] == "not_found"

    def test_it_takes_no_input(self, api: Api, cleo: User, make_ticket: MakeTicket) -> None:
        ticket = make_ticket()
        assert refused(400, api(cleo).post, url(ticket, self.action), {"x": 1}) == {"x": NOT_ACCEPTED}

    def test_whoever_sees_it_may_and_the_ticket_does_not_change(
        self, api: Api, ada: User, dan: User, cleo: User, make_ticket: MakeTicket
    ) -> None:
        ticket = in_status(make_ticket, Status.CLOSED, dan)
        before = everything()
        for user in (ada, dan, cleo):
            for _ in range(2):
                answer = api(user).post(url(ticket, self.action), headers=STALE)
                assert answer.status_code == 200
            assert answer.json() == api(user).get(url(ticket)).json()
        after = everything()
        assert {name for name in after if after[name] != before[name]} <= {"Watch", "Mute"}

    def test_it_is_called_by_post_only(self, api: Api, cleo: User, make_ticket: MakeTicket) -> None:
        where, client = url(make_ticket(), self.action), api(cleo)
        for call in (client.get, client.put, client.patch, client.delete):
            assert refused(405, call, where)["code"] == "method_not_allowed"
