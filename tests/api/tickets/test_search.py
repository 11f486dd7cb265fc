"""GET /api/tickets/?search="""

from core.models import Comment, Ticket, User
from tests.conftest import MakeTicket
from tests.openapi import ApiClient
from tests.tickets import URL, Api, queries, refused, url


def found(client: ApiClient, text: str, **more: str) -> list[int]:
    """The ids that a search finds, in order."""
    response = client.get(URL, {"search": text, **more})
    assert response.status_code == 200, response.content
    body = response.json()
    assert body["count"] == len(body["results"])
    return [row["id"] for row in body["results"]]


def say(ticket: Ticket, body: str, *, is_internal: bool = False) -> Comment:
    return Comment.objects.create(
        ticket=ticket, author=ticket.created_by, body=body, is_internal=is_internal, created_at=ticket.created_at
    )


FINDING = (
    "printer",
    "PRINTER jam",
    "jam prin",
    "printer smoke",
    "paper",
    "smoke tray-2",
    "ärger",
    "Arger",
    "ARGER",
    "buro",
    "한국",
    "AÑO",
    "ano cafe",
    "café",
    "\uff50\uff52inter",
    "retry",
    "timeout/ret",
    "snake_case",
    "case",
    "a.b@example.com",
    "example",
    "deploy",
    "🔥 deploy",
    "v2.10",
    "printer AND-jam",
)


def test_each_word_begins_a_word_somewhere_in_the_ticket(api: Api, ada: User, make_ticket: MakeTicket) -> None:
    wanted = make_ticket(
        title="Printer jam: Ärger im Büro",
        description="한국어 paper; timeout/retry snake_case 🔥deploy🔥 v2.10 and ano, AÑO… CAFÉ",
    )
    say(wanted, "Smoke from tray-2, told a.b@example.com")
    make_ticket(title="Something else", description="Nothing.")
    client = api(ada)
    for text in FINDING:
        assert found(client, text) == [wanted.pk], text


NOT_FINDING = (
    "printers",
    "rinter",
    "printer scanner",
    "internal",
    "ärgerlich",
)


def test_other_words_find_nothing(api: Api, ada: User, make_ticket: MakeTicket) -> None:
    make_ticket(title="Printer jam", description="Ärger.")
    client = api(ada)
    for text in NOT_FINDING:
        assert found(client, text) == [], text


def test_a_ticket_is_found_by_its_number_and_the_exact_one_comes_first(
    api: Api, ada: User, make_ticket: MakeTicket
) -> None:
    first = make_ticket(title="Blank page")
    make_ticket(title=f"Like {first.number}, {first.pk}", description=f"See {first.pk} {first.pk}: {first.number}")
    for text in (first.number, first.number.lower(), f"{first.pk}", f"INC{first.pk:06}"):
        assert found(api(ada), text)[0] == first.pk
    assert first.pk in found(api(ada), first.number[:-1])
    assert first.pk in found(api(ada), "INC-")
    assert found(api(ada), "9" * 18) == found(api(ada), "9" * 19) == []


def test_title_comes_before_description_before_comments_then_the_newest(
    api: Api, ada: User, make_ticket: MakeTicket
) -> None:
    title, newer = (make_ticket(title="Blank router", description="Nothing here.") for _ in range(2))
    description = make_ticket(title="Blank page", description="Router here.")
    comment = make_ticket(title="Blank page", description="Nothing here.")
    say(comment, "Router")
    internal = make_ticket(title="Blank page", description="Nothing here.")
    say(internal, "Router", is_internal=True)
    by_rank = [newer.pk, title.pk, description.pk, comment.pk, internal.pk]
    assert found(api(ada), "router") == by_rank
    assert found(api(ada), "router", ordering="id") == sorted(by_rank)
    assert found(api(ada), "router", ordering="-id,title") == sorted(by_rank, reverse=True)


def test_everybody_finds_only_what_they_may_see(
    api: Api, ada: User, dan: User, dora: User, cleo: User, carl: User, make_ticket: MakeTicket
) -> None:
    ticket = make_ticket(assigned_to=[dan], title="Router down")
    say(ticket, "The customer is wrong about the firewall", is_internal=True)
    say(ticket, "Have you tried a reboot?")
    for text, finders in (("router", {ada, dan, cleo}), ("reboot rout", {ada, dan, cleo}), ("firewall", {ada, dan})):
        for user in (ada, dan, dora, cleo, carl):
            assert found(api(user), text) == ([ticket.pk] if user in finders else []), (text, user)
    assert found(api(cleo), "router firewall") == found(api(cleo), "fire") == []


def test_internal_comments_do_not_move_a_clients_order(api: Api, cleo: User, make_ticket: MakeTicket) -> None:
    loud, quiet = (make_ticket(title="Router down", description="x") for _ in range(2))
    say(loud, "router router router router", is_internal=True)
    assert found(api(cleo), "router") == [quiet.pk, loud.pk]


def test_deleted_tickets_are_not_found(api: Api, ada: User, new_ticket: Ticket) -> None:
    Ticket.objects.filter(pk=new_ticket.pk).update(deleted_at=new_ticket.created_at)
    assert found(api(ada), "checkout") == []


def test_what_changes_is_found_at_once(api: Api, ada: User, cleo: User, new_ticket: Ticket) -> None:
    client = api(ada)
    assert found(client, "gateway") == []
    api(cleo).patch(url(new_ticket), {"title": "The gateway hangs"})
    assert found(client, "gateway") == [new_ticket.pk]
    assert found(client, "checkout") == []
    comment = say(new_ticket, "Valves closed")
    assert found(client, "gateway valves") == [new_ticket.pk]
    Comment.objects.filter(pk=comment.pk).update(body="Tubes closed", is_internal=True)
    assert found(client, "valves") == found(api(cleo), "tubes") == []
    assert found(client, "tubes") == [new_ticket.pk]
    comment.delete()
    assert found(client, "tubes") == []


def test_search_goes_with_the_other_filters_and_pages(api: Api, ada: User, make_ticket: MakeTicket) -> None:
    low, high, other = (make_ticket(title="Router", priority=priority) for priority in ("LOW", "HIGH", "HIGH"))
    assert found(api(ada), "router", priority="HIGH", created_by=str(low.created_by_id)) == [other.pk, high.pk]
    page = api(ada).get(URL, {"search": "router", "page_size": "2"}).json()
    assert (page["count"], [row["id"] for row in page["results"]]) == (3, [other.pk, high.pk])
    assert [row["id"] for row in api(ada).get(page["next"]).json()["results"]] == [low.pk]


PUNCTUATION = (
    "!",
    '"',
    "'",
    "***",
    ":* & | !",
    "() {} - + ^",
    "\\",
    "_",
    "🔥",
    "«»",
    "\u200b",
    "%",
)


def test_punctuation_alone_finds_nothing(api: Api, ada: User, new_ticket: Ticket) -> None:
    client = api(ada)
    for text in PUNCTUATION:
        assert found(client, text) == [], text


OPERATORS = (
    'checkout"',
    '"checkout page',
    "'checkout' & !page",
    "checkout:*B",
    "checkout* page)",
    "{checkout} ^page",
    "checkout\\ 'page",
    "%checkout% _page",
    "CHECKOUT\tpage\r\n",
    "checkout; page--",
)


def test_quotes_and_operators_are_not_understood_but_passed_over(api: Api, ada: User, make_ticket: MakeTicket) -> None:
    ticket = make_ticket(title="Checkout shows a blank page b", description="x")
    client = api(ada)
    for text in OPERATORS:
        assert found(client, text) == [ticket.pk], text


def test_words_like_operators_are_words(api: Api, ada: User, make_ticket: MakeTicket) -> None:
    ticket = make_ticket(title="To be OR not to be AND near", description="NEAR(x)")
    for text in ("or", "NOT near", "AND OR NOT", "near(to be)"):
        assert found(api(ada), text) == [ticket.pk]
    assert found(api(ada), "OR nothing") == []


def test_ten_words_count_and_200_characters_are_the_most(api: Api, ada: User, make_ticket: MakeTicket) -> None:
    ticket = make_ticket(title="a b c d e f g h i j", description="x")
    assert found(api(ada), "a a b c d e f g h i j unheard") == [ticket.pk]
    assert found(api(ada), "unheard a b c d e f g h i j") == []
    assert found(api(ada), "ㄱ" * 200) == found(api(ada), "\U0001d400 ŉ ẞ İ ½ ﷺ") == []
    for wrong in ("x" * 201, "page\0", "\0"):
        assert set(refused(400, api(ada).get, URL, {"search": wrong})) == {"search"}


def test_an_empty_search_is_none(api: Api, ada: User, new_ticket: Ticket) -> None:
    assert found(api(ada), "") == found(api(ada), "  ") == [new_ticket.pk]


def test_long_texts_are_searched_as_far_as_they_go(api: Api, ada: User, new_ticket: Ticket) -> None:
    """More different words than PostgreSQL's index of one ticket may hold; the newest comments count."""
    bodies = (" ".join(f"w{number}x{word:04}" for word in range(250))[:2_000] for number in range(101))
    for body in bodies:
        say(new_ticket, body)
    assert found(api(ada), "w100x0001") == [new_ticket.pk]
    assert found(api(ada), "w0x") == []
    say(new_ticket, "\U0001f525" * 2_000)
    say(new_ticket, "\ufdfa" * 2_000)


def test_it_takes_as_many_queries_for_30_as_for_3(api: Api, ada: User, make_ticket: MakeTicket) -> None:
    client = api(ada)

    def count(rows: int) -> int:
        while Ticket.objects.count() < rows:
            make_ticket(tags=["a"])
        return queries(lambda: client.get(URL, {"search": "checkout", "page_size": "50"}))

    assert count(3) == count(30) == queries(lambda: client.get(f"{URL}?page_size=50"))
