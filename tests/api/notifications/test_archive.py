"""POST /api/notifications/{id}/archive/"""

import pytest

from core.models import User
from core.notifications.positions import fold_all
from tests.api.notifications import marking
from tests.api.notifications.inbox import Inbox, InboxOf
from tests.openapi import ApiClient

VERB = "archive"


def test_it_is_put_away_and_read(inbox: Inbox) -> None:
    inbox.tell(2)
    key, other = inbox.ids()
    before = inbox.get(f"{key}/")
    answer = inbox.post(f"{key}/{VERB}/")
    after = inbox.get(f"{key}/")
    assert answer == {"message": "Archived.", "notification": after, "unread_count": 1}
    assert after == before | {"is_read": True, "read_at": after["read_at"], "is_archived": True, "changed_seq": 3}
    assert after["read_at"]
    assert inbox.ids() == inbox.ids("unread/") == [other]


def test_it_is_idempotent(inbox: Inbox) -> None:
    inbox.tell()
    marking.assert_second_time_changes_nothing(inbox, inbox.ids()[0], VERB)


def test_one_that_is_read_keeps_its_time_and_the_count(inbox: Inbox) -> None:
    inbox.tell(2)
    key = inbox.ids()[0]
    read_at = inbox.post(f"{key}/mark_as_read/")["notification"]["read_at"]
    answer = inbox.post(f"{key}/{VERB}/")
    assert (answer["notification"]["read_at"], answer["unread_count"]) == (read_at, 1)


@pytest.mark.parametrize("folded", [False, True])
def test_after_a_read_all_it_keeps_the_time_of_that(inbox: Inbox, folded: bool) -> None:
    inbox.tell(2)
    key = inbox.ids()[0]
    inbox.post("mark_all_as_read/")
    read_at = inbox.get(f"{key}/")["read_at"]
    if folded:
        fold_all()
    answer = inbox.post(f"{key}/{VERB}/")
    assert (answer["notification"]["read_at"], answer["unread_count"]) == (read_at, 0)
    fold_all()
    assert inbox.get(f"{key}/") == answer["notification"]


def test_marking_an_archived_one_as_read_leaves_it_archived(inbox: Inbox) -> None:
    inbox.tell()
    key = inbox.ids()[0]
    archived = inbox.post(f"{key}/{VERB}/")["notification"]
    assert inbox.post(f"{key}/mark_as_read/")["notification"] == archived


def test_every_channels_row_moves(inbox: Inbox) -> None:
    marking.assert_every_channels_row_moves(inbox, VERB)


def test_refusals(inbox: Inbox, inbox_of: InboxOf, dan: User, anonymous: ApiClient) -> None:
    marking.assert_refusals(inbox, inbox_of(dan), anonymous, VERB)


def test_it_takes_the_same_few_queries_however_many_there_are(inbox: Inbox) -> None:
    marking.assert_constant_queries(inbox, VERB)
