"""POST /api/tickets/{id}/assign/: who is put on a ticket, and who is told."""

from typing import Any

import pytest

from core.models import Role, Status, Ticket, User
from tests.api.tickets.refusals import Refusals
from tests.conftest import MakeTicket
from tests.tickets import REQUIRED, Api, assert_recorded, in_status, newcomers, queries, refused, tells, url


def on(ticket: Ticket) -> list[User]:
    """Who is on a ticket, as assigned."""
    return [assignment.user for assignment in ticket.assignments.select_related("user")]


def ids(*people: User) -> dict[str, list[int]]:
    return {"assigned_to": [user.pk for user in people]}


class TestRefusals(Refusals):
    action = "assign"
    who = "ada"
    others = ("cleo", "dan")
    sources = set(Status) - {Status.CLOSED, Status.CANCELLED}

    @pytest.fixture(autouse=True)
    def _dora_is_assigned(self, dora: User) -> None:
        self.body = ids(dora)  # type: ignore[misc]


def test_assigning_opens_a_new_ticket_and_tells_developers_and_creator(
    api: Api, ada: User, dan: User, dora: User, cleo: User, carl: User, new_ticket: Ticket
) -> None:
    newcomers(Role.ADMIN, 1)  # other admins hear nothing
    assigned = [(dora, "ticket_assigned", "assigned"), (dan, "ticket_assigned", "assigned")]
    with tells(*assigned, (cleo, "ticket_opened", "creator")):
        response = api(ada).post(url(new_ticket, "assign"), ids(dora, dan))
    assert response.status_code == 200
    assert response.json() == api(ada).get(url(new_ticket)).json()
    assert [person["username"] for person in response.json()["assigned_to"]] == ["dora", "dan"]
    changes = {"assigned_to": [[], [dan.pk, dora.pk]]}
    row = assert_recorded(new_ticket, ada, "assign", "NEW", "OPEN", changes=changes, comment="")
    assert (new_ticket.opened_at, new_ticket.first_responded_at) == (row.created_at, None)
    assert on(new_ticket) == [dora, dan]
    assert {(each.assigned_by, each.assigned_at) for each in new_ticket.assignments.all()} == {(ada, row.created_at)}


@pytest.mark.parametrize("status", [Status.OPEN, Status.IN_PROGRESS, Status.ON_HOLD, Status.RESOLVED])
def test_later_the_status_stays_and_the_creator_hears_nothing(
    api: Api, ada: User, dan: User, dora: User, make_ticket: MakeTicket, status: Status
) -> None:
    ticket = in_status(make_ticket, status, dan)
    opened = ticket.opened_at
    with tells((dora, "ticket_assigned", "assigned")):
        assert api(ada).post(url(ticket, "assign"), ids(dora, dan)).status_code == 200
    assert_recorded(ticket, ada, "assign", status, status, changes={"assigned_to": [[dan.pk], [dan.pk, dora.pk]]})
    assert (on(ticket), ticket.opened_at) == ([dan, dora], opened)


def test_the_removed_are_told_although_they_see_it_no_more(
    api: Api, ada: User, dan: User, dora: User, make_ticket: MakeTicket
) -> None:
    ticket = make_ticket(assigned_to=[dan])
    with tells((dora, "ticket_assigned", "assigned"), (dan, "ticket_unassigned", "assigned")):
        assert api(ada).post(url(ticket, "assign"), ids(dora)).status_code == 200
    assert_recorded(ticket, ada, "assign", "OPEN", "OPEN", changes={"assigned_to": [[dan.pk], [dora.pk]]})
    assert on(ticket) == [dora]
    refused(404, api(dan).get, url(ticket))


def test_the_same_people_again_are_not_told_again(
    api: Api, ada: User, dan: User, dora: User, make_ticket: MakeTicket
) -> None:
    ticket = make_ticket(assigned_to=[dan, dora])
    with tells():
        assert api(ada).post(url(ticket, "assign"), ids(dora, dan)).status_code == 200
    both = [dan.pk, dora.pk]
    assert_recorded(ticket, ada, "assign", "OPEN", "OPEN", changes={"assigned_to": [both, both]})
    assert on(ticket) == [dan, dora]


def test_whoever_comes_back_is_told_again(api: Api, ada: User, dan: User, dora: User, make_ticket: MakeTicket) -> None:
    ticket = make_ticket(assigned_to=[dan])
    api(ada).post(url(ticket, "assign"), ids(dora))
    with tells((dan, "ticket_assigned", "assigned"), (dora, "ticket_unassigned", "assigned")):
        assert api(ada).post(url(ticket, "assign"), ids(dan)).status_code == 200


def test_whoever_was_deactivated_is_taken_off_untold(
    api: Api, ada: User, dan: User, dora: User, make_ticket: MakeTicket
) -> None:
    ticket = make_ticket(assigned_to=[dan])
    User.objects.filter(pk=dan.pk).update(is_active=False)
    with tells((dora, "ticket_assigned", "assigned")):
        assert api(ada).post(url(ticket, "assign"), ids(dora)).status_code == 200


def test_an_admin_who_assigns_its_own_new_ticket_is_not_told(
    api: Api, ada: User, dan: User, make_ticket: MakeTicket
) -> None:
    ticket = make_ticket(created_by=ada)
    with tells((dan, "ticket_assigned", "assigned")):
        assert api(ada).post(url(ticket, "assign"), ids(dan)).status_code == 200


def test_twenty_can_be_assigned_and_21_cannot(api: Api, ada: User, dan: User, new_ticket: Ticket) -> None:
    twenty = newcomers(Role.DEVELOPER, 20)
    answer = refused(400, api(ada).post, url(new_ticket, "assign"), ids(*twenty, dan))
    assert set(answer) == {"assigned_to"}
    assert api(ada).post(url(new_ticket, "assign"), ids(*twenty)).status_code == 200
    assert on(new_ticket) == twenty


@pytest.mark.parametrize(
    "wrong",
    [
        *([], None, "1", 1, {}, {"id": 1}, True),
        *([None], [True], ["x"], [1.5], [{}], [[1]], [0], [-1], [2**63], [10**30], ["9" * 5_000]),
    ],
    ids=lambda wrong: repr(wrong)[:20],
)
def test_what_is_no_list_of_ids_is_refused(api: Api, ada: User, new_ticket: Ticket, wrong: Any) -> None:
    assert set(refused(400, api(ada).post, url(new_ticket, "assign"), {"assigned_to": wrong})) == {"assigned_to"}


def test_somebody_must_be_named(api: Api, ada: User, new_ticket: Ticket) -> None:
    assert refused(400, api(ada).post, url(new_ticket, "assign"), {}) == {"assigned_to": REQUIRED}


def test_nobody_is_named_twice(api: Api, ada: User, dan: User, dora: User, new_ticket: Ticket) -> None:
    answer = refused(400, api(ada).post, url(new_ticket, "assign"), ids(dan, dora, dan))
    assert answer == {"assigned_to": ["Each developer can be named only once."]}


def test_only_active_developers_are_assigned_and_the_others_are_named(
    api: Api, ada: User, dan: User, dora: User, cleo: User, make_ticket: MakeTicket
) -> None:
    ticket = make_ticket(assigned_to=[dan])
    User.objects.filter(pk=dora.pk).update(is_active=False)
    for wrong in ([dora.pk], [cleo.pk], [ada.pk], [999_999], [2**63 - 1], [cleo.pk, dan.pk, 999_999]):
        answer = refused(400, api(ada).post, url(ticket, "assign"), {"assigned_to": wrong})
        listed = ", ".join(str(pk) for pk in wrong if pk != dan.pk)
        assert answer == {"assigned_to": [f"Not active developers: {listed}."]}


def test_it_takes_as_many_queries_for_20_people_as_for_one(
    api: Api, ada: User, dan: User, make_ticket: MakeTicket
) -> None:
    one, many = make_ticket(), make_ticket()
    twenty = newcomers(Role.DEVELOPER, 20)
    make_ticket(assigned_to=[dan])  # so that everybody has a feed
    make_ticket(assigned_to=twenty)
    client = api(ada)
    few = queries(lambda: client.post(url(one, "assign"), ids(dan)))
    assert queries(lambda: client.post(url(many, "assign"), ids(*twenty))) == few
