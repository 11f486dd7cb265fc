"""GET /api/tickets/developers/"""

from core.models import Role, Status, Ticket, User
from tests.conftest import MakeTicket
from tests.openapi import ApiClient
from tests.tickets import Api, in_status, newcomers, queries, refused

URL = "/api/tickets/developers/"


def test_an_admin_sees_the_developers_and_what_each_has_to_do(
    api: Api, ada: User, dan: User, dora: User, cleo: User, make_ticket: MakeTicket
) -> None:
    for status in set(Status) - {Status.NEW}:
        in_status(make_ticket, status, dan)
    make_ticket(assigned_to=[dora, dan], tags=["a", "b"])
    page = api(ada).get(URL).json()
    assert page["results"] == [
        {"id": dan.pk, "username": "dan", "full_name": "Dan Developer", "email": "dan@example.com", "open_tickets": 4},
        {
            "id": dora.pk,
            "username": "dora",
            "full_name": "Dora Developer",
            "email": "dora@example.com",
            "open_tickets": 1,
        },
    ]
    assert page["count"] == 2


def test_who_has_nothing_to_do_is_there_and_who_is_inactive_is_not(api: Api, ada: User, dan: User, dora: User) -> None:
    User.objects.filter(pk=dan.pk).update(is_active=False)
    assert [(row["username"], row["open_tickets"]) for row in api(ada).get(URL).json()["results"]] == [("dora", 0)]


def test_it_comes_in_pages_by_name(api: Api, ada: User) -> None:
    newcomers(Role.DEVELOPER, 21)
    pages = [api(ada).get(f"{URL}?page={number}").json()["results"] for number in (1, 2)]
    names = [row["username"] for page in pages for row in page]
    assert (len(names), names) == (21, sorted(set(names)))
    refused(404, api(ada).get, f"{URL}?page=3")
    assert set(refused(400, api(ada).get, f"{URL}?page_size=0")) == {"page_size"}


def test_parameters_that_it_does_not_know_are_refused(api: Api, ada: User) -> None:
    assert refused(400, api(ada).get, f"{URL}?role=ADMIN") == {"role": ["Unknown parameter."]}


def test_others_do_not_see_them(api: Api, dan: User, cleo: User) -> None:
    for user in (dan, cleo):
        assert refused(403, api(user).get, URL)["code"] == "permission_denied"


def test_nobody_sees_them_without_signing_in(anonymous: ApiClient, new_ticket: Ticket) -> None:
    assert refused(401, anonymous.get, URL)["code"] == "not_authenticated"


def test_it_takes_as_many_queries_for_30_as_for_3(api: Api, ada: User, make_ticket: MakeTicket) -> None:
    client = api(ada)
    make_ticket(assigned_to=newcomers(Role.DEVELOPER, 3))
    few = queries(lambda: client.get(URL))
    make_ticket(assigned_to=newcomers(Role.DEVELOPER, 15, name="other"))
    assert queries(lambda: client.get(URL)) == few == 3


def test_it_is_only_read(api: Api, ada: User) -> None:
    for call in (api(ada).post, api(ada).put, api(ada).patch, api(ada).delete):
        assert refused(405, call, URL)["code"] == "method_not_allowed"
