"""What every action on a ticket refuses, in the order 401, 404, 403, 400, 412, 409; each leaves not a trace."""

from collections.abc import Mapping
from typing import Any, ClassVar

import pytest

from core.models import Status, User
from tests.conftest import MakeTicket
from tests.openapi import ApiClient
from tests.tickets import NOBODY_SEES, NOT_ACCEPTED, Api, in_status, refused, url

People = dict[str, User]
BAD = {"nonsense": 1}


class Refusals:
    """A subclass says what the action is; who, of ada, cleo and dan, who see the ticket, may do it; and when."""

    action: ClassVar[str]
    body: ClassVar[Mapping[str, Any]] = {}
    who: ClassVar[str]
    others: ClassVar[tuple[str, ...]]
    sources: ClassVar[set[Status]]

    @pytest.fixture
    def people(self, ada: User, dan: User, dora: User, cleo: User, carl: User) -> People:
        return {user.username: user for user in (ada, dan, dora, cleo, carl)}

    @pytest.fixture
    def may(self, api: Api, people: People) -> ApiClient:
        """Signed in as the one who may do it."""
        return api(people[self.who])

    def test_nobody_does_it_without_signing_in(self, anonymous: ApiClient, new_ticket: object) -> None:
        assert refused(401, anonymous.post, url(NOBODY_SEES, self.action), BAD)["code"] == "not_authenticated"

    def test_what_one_cannot_see_is_not_there(self, api: Api, make_ticket: MakeTicket, people: People) -> None:
        ticket = in_status(make_ticket, Status.CANCELLED, people["dan"])
        for name in ("dora", "carl"):
            for hidden in (ticket, NOBODY_SEES):
                answer = refused(404, api(people[name]).post, url(hidden, self.action), BAD)
                assert answer == {"detail": "Not found.", "code": "not_found"}

    def test_whoever_sees_it_may_not_therefore_do_it(self, api: Api, make_ticket: MakeTicket, people: People) -> None:
        for status in (min(self.sources), Status.CANCELLED):
            ticket = in_status(make_ticket, status, people["dan"])
            for name in self.others:
                for body in (self.body, BAD):
                    answer = refused(403, api(people[name]).post, url(ticket, self.action), body)
                    assert answer["code"] == "permission_denied"

    def test_bad_input_is_refused_before_a_wrong_state(
        self, may: ApiClient, make_ticket: MakeTicket, people: People
    ) -> None:
        for status in (min(self.sources), Status.CANCELLED):
            ticket = in_status(make_ticket, status, people["dan"])
            answer = refused(400, may.post, url(ticket, self.action), {**self.body, "nonsense": 1, "status": "OPEN"})
            assert answer == {"nonsense": NOT_ACCEPTED, "status": NOT_ACCEPTED}
            assert set(refused(400, may.post, url(ticket, self.action), [])) == {"non_field_errors"}

    def test_a_stale_version_is_refused_before_a_wrong_state(
        self, may: ApiClient, make_ticket: MakeTicket, people: People
    ) -> None:
        for status in (min(self.sources), Status.CANCELLED):
            ticket = in_status(make_ticket, status, people["dan"])
            stale = {"If-Match": f'"{ticket.version - 1}"'}
            answer = refused(412, may.post, url(ticket, self.action), self.body, headers=stale)
            assert (answer["code"], answer["version"]) == ("version_mismatch", ticket.version)
            refused(400, may.post, url(ticket, self.action), {**self.body, **BAD}, headers=stale)

    def test_what_is_no_json_is_refused(self, may: ApiClient, make_ticket: MakeTicket, people: People) -> None:
        where = url(in_status(make_ticket, min(self.sources), people["dan"]), self.action)
        broken = refused(400, may.post, where, "{", content_type="application/json")
        assert set(broken) == {"non_field_errors"}
        other = refused(415, may.post, where, "a=b", content_type="application/x-www-form-urlencoded")
        assert other["code"] == "unsupported_media_type"

    def test_a_wrong_state_is_refused_and_says_what_is_right(
        self, may: ApiClient, make_ticket: MakeTicket, people: People
    ) -> None:
        for status in set(Status) - self.sources:
            ticket = in_status(make_ticket, status, people["dan"])
            answer = refused(409, may.post, url(ticket, self.action), self.body)
            allowed = may.get(url(ticket)).json()["allowed_actions"]
            assert self.action not in allowed
            assert answer.pop("detail") == f"Cannot {self.action} a ticket that is {status.value}."
            assert answer == {"code": "invalid_transition", "status": status, "allowed_actions": allowed}

    def test_it_is_called_by_post_only(self, may: ApiClient, make_ticket: MakeTicket, people: People) -> None:
        where = url(in_status(make_ticket, min(self.sources), people["dan"]), self.action)
        for call in (may.get, may.put, may.patch, may.delete):
            assert refused(405, call, where)["code"] == "method_not_allowed"
