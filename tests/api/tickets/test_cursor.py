"""GET /api/tickets/?cursor="""

from itertools import chain
from urllib.parse import urlencode

import pytest

from core.models import Ticket, User
from tests.api.cursors import BAD_CURSORS, ids, last_of, page, walk
from tests.conftest import MakeTicket
from tests.tickets import URL, Api, queries, refused, url


@pytest.fixture
def seven(make_ticket: MakeTicket, cleo: User, carl: User) -> list[int]:
    """The ids of seven tickets, the newest first; the second is Carl's."""
    return [make_ticket(created_by=carl if number == 5 else cleo).pk for number in range(7)][::-1]


@pytest.mark.parametrize("size", [1, 2, 3, 6, 7, 100])
def test_walking_by_cursor_is_the_list_in_both_directions(api: Api, ada: User, seven: list[int], size: int) -> None:
    client, pages = api(ada), [seven[start : start + size] for start in range(0, 7, size)]
    start = f"{URL}?cursor=&page_size={size}"
    assert walk(client, start, "next") == pages
    back = walk(client, last_of(client, start), "previous")
    assert [*chain.from_iterable(back[::-1])] == seven
    assert page(client, start)["previous"] is None
    rising = walk(client, f"{start}&ordering=id", "next")
    assert [*chain.from_iterable(rising)] == seven[::-1]
    assert walk(client, f"{start}&ordering=-id", "next") == pages


def test_rows_that_come_and_go_meanwhile_neither_repeat_nor_hide_others(
    api: Api, ada: User, seven: list[int], make_ticket: MakeTicket
) -> None:
    client = api(ada)
    first = page(client, f"{URL}?cursor=&page_size=3")
    newer = [make_ticket().pk, make_ticket().pk][::-1]
    Ticket.objects.filter(pk=seven[2]).delete()
    second = page(client, first["next"])
    assert ids(second) == seven[3:6]
    before = page(client, second["previous"])
    assert ids(before) == [newer[1], *seven[:2]]
    assert ids(page(client, before["previous"])) == newer[:1]
    assert ids(page(client, before["next"])) == seven[3:6]


def test_from_an_emptied_page_both_ways_lead_on(api: Api, ada: User, seven: list[int]) -> None:
    client = api(ada)
    for ordering, order in (("-id", seven), ("id", seven[::-1])):
        first = page(client, f"{URL}?cursor=&page_size=3&ordering={ordering}")
        before = page(client, page(client, first["next"])["previous"])
        assert ids(before) == order[:3]
        middle = page(client, first["next"])
        last = page(client, middle["next"])
        assert ids(last) == order[6:]
    Ticket.objects.filter(pk=seven[0]).delete()  # the last of the rising order
    empty = page(client, middle["next"])
    assert (ids(empty), empty["next"]) == ([], None)
    assert ids(page(client, empty["previous"])) == ids(middle)
    Ticket.objects.filter(pk__in=seven[4:]).delete()  # the first three
    empty = page(client, middle["previous"])
    assert (ids(empty), empty["previous"]) == ([], None)
    assert ids(page(client, empty["next"])) == ids(middle)


def test_filters_and_visibility_hold_for_every_page(api: Api, ada: User, carl: User, seven: list[int]) -> None:
    assert walk(api(carl), f"{URL}?cursor=", "next") == [[seven[1]]]
    mine = walk(api(ada), f"{URL}?cursor=&page_size=1&created_by={carl.pk}&search=checkout&ordering=-id", "next")
    assert mine == [[seven[1]]]
    assert walk(api(ada), f"{URL}?cursor=&status=CLOSED", "next") == [[]]


def test_other_lists_by_id_have_cursors_too(api: Api, cleo: User, ada: User, make_ticket: MakeTicket) -> None:
    ticket, client = make_ticket(), api(cleo)
    said = [client.post(url(ticket, "add_comment"), {"comment": "Three times"}).json()["id"] for _ in range(3)]
    assert walk(client, f"{url(ticket, 'comments')}?cursor=&page_size=2", "next") == [said[:2], said[2:]]
    assert set(refused(400, api(ada).get, f"{URL}developers/?cursor=")) == {"cursor"}


def test_what_is_no_cursor_is_refused_by_name(api: Api, ada: User, seven: list[int]) -> None:
    client = api(ada)
    for wrong in BAD_CURSORS:
        assert set(refused(400, client.get, f"{URL}?{urlencode({'cursor': wrong})}")) == {"cursor"}
    for beside in (
        "page=1",
        "ordering=title",
        "ordering=-created_at,id",
        "search=checkout",
        "search=x&ordering=status",
    ):
        assert set(refused(400, client.get, f"{URL}?cursor=&{beside}")) == {"cursor"}
    assert set(refused(400, client.get, f"{URL}?cursor=&page_size=0")) == {"page_size"}


def test_nothing_is_counted(api: Api, ada: User, seven: list[int]) -> None:
    client = api(ada)
    assert queries(lambda: client.get(f"{URL}?cursor=")) == queries(lambda: client.get(URL)) - 1
