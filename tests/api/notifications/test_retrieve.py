"""GET /api/notifications/{id}/"""

import pytest

from core.models import User
from core.notifications.positions import fold_all
from tests.api.notifications.inbox import URL, Inbox, InboxOf, assert_only, assert_refuses_strangers, queries
from tests.openapi import ApiClient


def test_one_is_shown_as_in_the_list(inbox: Inbox) -> None:
    inbox.tell(2)
    for row in inbox.get()["results"]:
        assert inbox.get(f"{row['id']}/") == row


def test_an_archived_one_is_still_there(inbox: Inbox) -> None:
    inbox.tell()
    key = inbox.ids()[0]
    archived = inbox.post(f"{key}/archive/")["notification"]
    assert inbox.get(f"{key}/") == archived == inbox.get("?archived=true")["results"][0]


def test_a_delivery_can_be_looked_at_too(inbox: Inbox) -> None:
    inbox.tell()
    for row in inbox.get("?notification_type=ALL")["results"]:
        assert inbox.get(f"{row['id']}/") == row


def test_a_read_all_shows_before_and_after_it_is_folded(inbox: Inbox) -> None:
    inbox.tell()
    key = inbox.ids()[0]
    inbox.post("mark_all_as_read/")
    shown = inbox.get(f"{key}/")
    assert shown["is_read"]
    assert shown["read_at"]
    assert (shown["seq"], shown["changed_seq"]) == (1, 2)
    fold_all()
    assert inbox.get(f"{key}/") == shown


def test_anothers_or_none_is_404(inbox: Inbox, inbox_of: InboxOf, dan: User) -> None:
    inbox.tell()
    refusal = inbox_of(dan).get(f"{inbox.ids()[0]}/", status=404)
    assert set(refusal) == {"detail", "code"}
    for key in ("0", "999999", "9" * 18):
        assert inbox.get(f"{key}/", status=404) == refusal


@pytest.mark.parametrize("key", ["x", "-1", "1.0", "9" * 30, "٣"])
def test_what_is_no_id_is_404(inbox: Inbox, key: str) -> None:
    assert inbox.client.get(f"{URL}{key}/").status_code == 404


def test_it_takes_few_queries(inbox: Inbox) -> None:
    inbox.tell(3)
    key = inbox.ids()[0]
    assert queries(lambda: inbox.client.get(f"{URL}{key}/")) == 4


def test_strangers_and_other_methods_are_refused(inbox: Inbox, anonymous: ApiClient) -> None:
    inbox.tell()
    key = inbox.ids()[0]
    assert_refuses_strangers(anonymous, "get", f"{key}/")
    assert_only(inbox.client, f"{key}/", "get")
