"""POST /api/tickets/{id}/add_comment/"""

from time import perf_counter

import pytest

from core.actions.comments import CODE, MENTION
from core.models import Comment, NotificationLog, Role, Status, Ticket, User
from tests.api.tickets.refusals import Refusals
from tests.conftest import MakeTicket
from tests.tickets import (
    NOBODY_SEES,
    REQUIRED,
    Api,
    assert_recorded,
    in_status,
    newcomers,
    queries,
    refused,
    tells,
    unchecked,
    url,
)

SAID = "Which browser?"
LONGEST = "x" * 2_000


class TestRefusals(Refusals):
    action = "add_comment"
    body = {"comment": SAID}
    who = "cleo"
    others = ()  # whoever sees it may comment
    sources = set(Status)


@pytest.fixture
def ticket(make_ticket: MakeTicket, dan: User, dora: User) -> Ticket:
    """Cleo's, with Dan and Dora on it."""
    return make_ticket(assigned_to=[dan, dora])


@pytest.mark.parametrize(
    ("author", "told"),
    [("ada", ("cleo", "dan", "dora")), ("dan", ("cleo", "dora")), ("cleo", ("dan", "dora"))],
)
def test_a_comment_tells_creator_and_assignees_but_its_author(
    api: Api, dan: User, dora: User, cleo: User, carl: User, ticket: Ticket, author: str, told: tuple[str, ...]
) -> None:
    newcomers(Role.ADMIN, 1)  # other admins hear nothing
    actor = User.objects.get(username=author)
    people = [(cleo, "creator"), (dan, "assigned"), (dora, "assigned")]
    with tells(*((user, "comment_added", reason) for user, reason in people if user.username in told)):
        response = api(actor).post(url(ticket, "add_comment"), {"comment": f" {SAID}\n"})
    assert response.status_code == 201
    comment = ticket.comments.get()
    row = assert_recorded(ticket, actor, "add_comment", "OPEN", "OPEN", changes={}, comment=SAID)
    assert (comment.author, comment.body, comment.created_at) == (actor, SAID, row.created_at)
    assert response.json() == api(actor).get(url(ticket, "comments")).json()["results"][0]
    assert (response.json()["comment"], response.json()["author"]["username"]) == (SAID, author)
    assert response["ETag"] == api(actor).get(url(ticket))["ETag"] == f'"{ticket.version}"'
    assert set(NotificationLog.objects.filter(event="comment_added").values_list("message", flat=True)) == {
        f"{actor.full_name} commented on ticket: {ticket.title} — “{SAID}”"
    }


@pytest.mark.parametrize("status", Status)
def test_one_may_comment_in_every_status(
    api: Api, dan: User, cleo: User, make_ticket: MakeTicket, status: Status
) -> None:
    ticket = in_status(make_ticket, status, dan)
    with tells((cleo, "comment_added", "creator")):
        assert api(dan).post(url(ticket, "add_comment"), {"comment": SAID}).status_code == 201
    assert_recorded(ticket, dan, "add_comment", status, status)


@pytest.mark.parametrize("staff", ["ada", "dan"])
def test_the_first_comment_of_staff_is_the_first_response(api: Api, cleo: User, ticket: Ticket, staff: str) -> None:
    def comment(author: User) -> object:
        assert api(author).post(url(ticket, "add_comment"), {"comment": SAID}).status_code == 201
        ticket.refresh_from_db()
        return ticket.first_responded_at

    somebody = User.objects.get(username=staff)
    assert comment(cleo) is None
    first = comment(somebody)
    assert first == ticket.comments.get(author=somebody).created_at
    assert comment(somebody) == first


def test_an_admin_does_not_respond_to_itself(api: Api, ada: User, make_ticket: MakeTicket) -> None:
    ticket = make_ticket(created_by=ada)
    with tells():
        assert api(ada).post(url(ticket, "add_comment"), {"comment": SAID}).status_code == 201
    ticket.refresh_from_db()
    assert ticket.first_responded_at is None


def test_work_answers_what_the_developer_raised_as_a_client(
    api: Api, ada: User, cleo: User, new_ticket: Ticket
) -> None:
    User.objects.filter(pk=cleo.pk).update(role=Role.DEVELOPER)
    cleo.refresh_from_db()
    api(ada).post(url(new_ticket, "assign"), {"assigned_to": [cleo.pk]})
    for action, body, answered in (("add_comment", {"comment": SAID}, False), ("start_work", None, True)):
        assert api(cleo).post(url(new_ticket, action), body).status_code < 300
        new_ticket.refresh_from_db()
        assert (new_ticket.first_responded_at is not None) == answered


@pytest.mark.parametrize("comment", ["yes", "äöü", "👍👍👍", f" {LONGEST} "], ids=len)
def test_comments_of_3_to_2000_characters_are_taken(api: Api, cleo: User, ticket: Ticket, comment: str) -> None:
    assert unchecked(api(cleo)).post(url(ticket, "add_comment"), {"comment": comment}).status_code == 201
    assert Comment.objects.get().body == comment.strip()


@pytest.mark.parametrize("comment", ["ok", " ok ", LONGEST + "x", "", "   ", "\u200b" * 3, None, [SAID], {}, "a\0b"])
def test_other_comments_are_refused_by_name(api: Api, cleo: User, ticket: Ticket, comment: object) -> None:
    assert set(refused(400, api(cleo).post, url(ticket, "add_comment"), {"comment": comment})) == {"comment"}


def test_a_comment_is_required(api: Api, cleo: User, ticket: Ticket) -> None:
    assert refused(400, api(cleo).post, url(ticket, "add_comment"), {}) == {"comment": REQUIRED}


def test_whether_it_is_internal_is_true_or_false(api: Api, ada: User, cleo: User, ticket: Ticket) -> None:
    wrongs: list[object] = [None, "maybe", [], 2]
    for user in (ada, cleo):
        for wrong in wrongs:
            body = {"comment": SAID, "is_internal": wrong}
            assert set(refused(400, api(user).post, url(ticket, "add_comment"), body)) == {"is_internal"}
    body = {"comment": SAID, "is_internal": False}
    assert api(cleo).post(url(ticket, "add_comment"), body).json()["is_internal"] is False


def test_internal_comments_are_for_staff_alone(
    api: Api, ada: User, dan: User, dora: User, cleo: User, ticket: Ticket
) -> None:
    for user in (ada, cleo):
        api(user).post(url(ticket, "watch"))
    body = {"comment": f"{SAID} @cleo", "is_internal": True}
    with tells((ada, "comment_added", "watcher"), (dora, "comment_added", "assigned")):
        response = api(dan).post(url(ticket, "add_comment"), body)
    assert (response.status_code, response.json()["is_internal"]) == (201, True)
    assert_recorded(ticket, dan, "add_comment", "OPEN", "OPEN", comment=f"{SAID} @cleo")
    assert ticket.first_responded_at is None  # the client has seen no answer
    assert api(cleo).get(url(ticket, "comments")).json()["count"] == 0
    assert SAID not in api(cleo).get(url(ticket, "history")).content.decode()
    assert SAID in api(dora).get(url(ticket, "history")).content.decode()
    assert api(dora).get(url(ticket, "comments")).json()["results"] == [response.json()]


def test_clients_make_none(api: Api, cleo: User, ticket: Ticket) -> None:
    body = {"comment": SAID, "is_internal": True}
    answer = refused(403, api(cleo).post, url(ticket, "add_comment"), body, headers={"If-Match": '"99"'})
    assert answer["code"] == "permission_denied"


def test_an_admin_who_raised_it_hears_of_internal_ones(api: Api, ada: User, dan: User, make_ticket: MakeTicket) -> None:
    ticket = make_ticket(created_by=ada, assigned_to=[dan])
    with tells((ada, "comment_added", "creator")):
        api(dan).post(url(ticket, "add_comment"), {"comment": SAID, "is_internal": True})


@pytest.mark.parametrize(
    ("comment", "who"),
    [
        ("@dan, have a look", ["dan"]),
        ("Ask @Dan. Or @CLEO…", ["cleo", "dan"]),
        ("(@dan) @dan @dora!", ["dan", "dora"]),
        ("@dan... @cleo-", ["cleo", "dan"]),
        ("@dan.dora and @j.doe.", ["j.doe"]),
        ("@ dan, dan@example.com, x@dan and @@", []),
        ("@carl cannot see it, @erna is inactive, @nobody is nobody, @ada is who says it", []),
        ("@" + "x" * 200 + " @x", []),
        (" ".join(f"@nobody{number}" for number in range(99)) + " @dan @dora", ["dan"]),
        ("`@dan` ```x @dan``` http://x.y/@dan x/@dan @dan@example.com @dan+1@x", []),
        ("_@dan_, **@dora** and `@nobody`@cleo", ["cleo", "dan", "dora"]),
        ("@j.doe_ and @dora__.", ["dora", "j.doe"]),
    ],
    ids=lambda value: str(value)[:20],
)
def test_whoever_is_mentioned_and_may_see_it_hears_of_that_instead(
    api: Api, ada: User, dan: User, dora: User, cleo: User, carl: User, ticket: Ticket, comment: str, who: list[str]
) -> None:
    User.objects.create(username="J.Doe", email="j@example.com", role=Role.ADMIN)
    User.objects.create(username="erna", email="erna@example.com", role=Role.ADMIN, is_active=False)
    expected = [(user, "mentioned", "mentioned") for user in User.objects.all() if user.username.lower() in who]
    others = [(cleo, "creator"), (dan, "assigned"), (dora, "assigned")]
    expected += [(user, "comment_added", reason) for user, reason in others if user.username not in who]
    with tells(*expected):
        assert api(ada).post(url(ticket, "add_comment"), {"comment": comment}).status_code == 201


def test_of_many_the_first_20_are_mentioned(api: Api, ada: User, ticket: Ticket) -> None:
    team = newcomers(Role.ADMIN, 21)
    comment = " ".join(f"@nobody{at} @{user.username}" for at, user in enumerate(team))
    api(ada).post(url(ticket, "add_comment"), {"comment": comment})
    rows = NotificationLog.objects.filter(event="mentioned", notification_type="SYSTEM")
    assert set(rows.values_list("recipient", flat=True)) == {user.pk for user in team[:20]}


@pytest.mark.parametrize("text", ["`", "_", "@", "@x", "_@", "`@", "``@", "@" + "x" * 500, "_" * 500 + "@"])
def test_absurd_comments_take_no_time(text: str) -> None:
    begin = perf_counter()
    MENTION.findall(CODE.sub(" ", text * (100_000 // len(text))))
    assert perf_counter() - begin < 1


def test_an_underscore_may_be_of_the_name(api: Api, ada: User, dan: User, cleo: User, ticket: Ticket) -> None:
    User.objects.create(username="dan_", email="dan_@example.com", role=Role.ADMIN)
    api(ada).post(url(ticket, "add_comment"), {"comment": "@dan_"})
    assert set(NotificationLog.objects.filter(event="mentioned").values_list("recipient__username", flat=True)) == {
        "dan_"
    }


def test_mentioning_many_takes_as_many_queries_as_one(api: Api, ada: User, ticket: Ticket) -> None:
    team = newcomers(Role.ADMIN, 15)
    client = api(ada)

    def said(people: list[User]) -> int:
        comment = " ".join(f"@{user.username}" for user in people)
        return queries(lambda: client.post(url(ticket, "add_comment"), {"comment": comment}))

    said(team)  # their feeds are made
    assert said(team[:1]) == said(team)


def test_bad_input_for_what_one_cannot_see_is_still_not_found(api: Api, carl: User, ticket: Ticket) -> None:
    for hidden in (ticket, NOBODY_SEES):
        refused(404, api(carl).post, url(hidden, "add_comment"), {"comment": ""})


def test_lone_surrogates_are_refused(api: Api, cleo: User, ticket: Ticket) -> None:
    body = r'{"comment": "\ud800\ud800\ud800"}'
    refused(400, api(cleo).post, url(ticket, "add_comment"), body, content_type="application/json")
