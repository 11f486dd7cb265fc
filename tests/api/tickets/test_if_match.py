"""`ETag` and `If-Match`: the version that was read. What each action refuses: refusals.py."""

import pytest

from core.models import Status, Ticket, User
from tests.conftest import MakeTicket
from tests.tickets import URL, Api, refused, url

SAID = {"comment": "Which browser?"}


def test_every_answer_with_a_ticket_says_its_version(api: Api, ada: User, dan: User, cleo: User) -> None:
    created = api(cleo).post(URL, {"title": "Blank page", "description": "Since noon."})
    key = created.json()["id"]
    admin = api(ada)
    answers = [
        created,
        admin.post(url(key, "open_ticket")),
        admin.patch(url(key), {"title": "Other"}),
        admin.post(url(key, "assign"), {"assigned_to": [dan.pk]}),
        admin.post(url(key, "watch")),
        admin.get(url(key)),
    ]
    assert [answer["ETag"] for answer in answers] == ['"1"', '"2"', '"3"', '"4"', '"4"', '"4"']


def test_it_is_never_answered_that_nothing_has_changed(api: Api, ada: User, new_ticket: Ticket) -> None:
    """The SLA and what one may do change without the version."""
    for known in ('"1"', 'W/"1"', "*"):
        assert api(ada).get(url(new_ticket), headers={"If-None-Match": known}).status_code == 200


@pytest.mark.parametrize("tags", ['"2"', "*", '"1", "2"', '"1","abc" , "2"', 'W/"1", "2"'])
def test_the_current_version_is_among_them(api: Api, ada: User, make_ticket: MakeTicket, tags: str) -> None:
    ticket = make_ticket(Status.OPEN)
    answer = api(ada).post(url(ticket, "hold"), {"comment": "Waiting."}, headers={"If-Match": tags})
    assert answer.json()["version"] == 3


@pytest.mark.parametrize("tags", ['"1"', 'W/"2"', '"02x"', '""', '"1", "3"', '"abc"', '"' + "9" * 500 + '"'])
def test_the_current_version_is_not_among_them(api: Api, ada: User, make_ticket: MakeTicket, tags: str) -> None:
    ticket = make_ticket(Status.OPEN)
    for action, body in (("add_comment", SAID), ("hold", {"comment": "Waiting."})):
        answer = refused(412, api(ada).post, url(ticket, action), body, headers={"If-Match": tags})
        assert answer == {
            "detail": "The ticket has changed since you read it.",
            "code": "version_mismatch",
            "version": 2,
        }


@pytest.mark.parametrize("tags", ["2", "'2'", '"2', '"2" "3"', '"2",', '*, "2"', 'w/"2"', ""])
def test_what_is_no_list_of_tags_is_refused(api: Api, ada: User, new_ticket: Ticket, tags: str) -> None:
    for call, body in ((api(ada).patch, {"title": "Other"}), (api(ada).delete, {})):
        assert set(refused(400, call, url(new_ticket), body, headers={"If-Match": tags})) == {"If-Match"}
