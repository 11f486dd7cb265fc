"""POST /api/notifications/{id}/mark_as_unread/"""

from core.models import User
from core.notifications.positions import fold_all
from tests.api.notifications import marking
from tests.api.notifications.inbox import Inbox, InboxOf
from tests.openapi import ApiClient

VERB = "mark_as_unread"


def test_it_is_unread_again_as_if_never_read(inbox: Inbox) -> None:
    inbox.tell(2)
    key = inbox.ids()[0]
    before = inbox.get(f"{key}/")
    inbox.post(f"{key}/mark_as_read/")
    answer = inbox.post(f"{key}/{VERB}/")
    expected = before | {"changed_seq": 4}
    assert answer == {"message": "Marked as unread.", "notification": expected, "unread_count": 2}
    assert inbox.ids("unread/")[0] == key


def test_one_that_is_unread_stays_as_it_is(inbox: Inbox) -> None:
    inbox.tell()
    key = inbox.ids()[0]
    before = inbox.get(f"{key}/")
    assert inbox.post(f"{key}/{VERB}/")["notification"] == before


def test_it_is_idempotent(inbox: Inbox) -> None:
    inbox.tell()
    key = inbox.ids()[0]
    inbox.post(f"{key}/mark_as_read/")
    marking.assert_second_time_changes_nothing(inbox, key, VERB)


def test_an_archived_one_comes_back(inbox: Inbox) -> None:
    inbox.tell(2)
    key = inbox.ids()[0]
    inbox.post(f"{key}/archive/")
    answer = inbox.post(f"{key}/{VERB}/")
    assert (answer["notification"]["is_archived"], answer["unread_count"]) == (False, 2)
    assert key in inbox.ids()
    marking.assert_second_time_changes_nothing(inbox, key, VERB)


def test_after_a_read_all_only_this_one_is_unread_folded_or_not(inbox: Inbox) -> None:
    inbox.tell(3)
    first, second, third = inbox.ids()
    inbox.post("mark_all_as_read/")
    assert inbox.post(f"{second}/{VERB}/")["unread_count"] == 1
    fold_all()
    assert inbox.read_by_the_api() == {first: True, second: False, third: True}
    inbox.post(f"{third}/{VERB}/")
    assert inbox.ids("unread/") == [second, third]
    inbox.post("mark_all_as_read/")
    assert inbox.ids("unread/") == []


def test_every_channels_row_moves(inbox: Inbox) -> None:
    marking.assert_every_channels_row_moves(inbox, VERB)
    inbox.post("mark_all_as_read/")
    fold_all()
    marking.assert_every_channels_row_moves(inbox, VERB)


def test_refusals(inbox: Inbox, inbox_of: InboxOf, dan: User, anonymous: ApiClient) -> None:
    marking.assert_refusals(inbox, inbox_of(dan), anonymous, VERB)


def test_it_takes_the_same_few_queries_however_many_there_are(inbox: Inbox) -> None:
    marking.assert_constant_queries(inbox, VERB)
