"""What mark_as_read, mark_as_unread and archive have in common: how they refuse, and that twice is as good as once."""

from tests.api.notifications.inbox import (
    URL,
    Inbox,
    assert_only,
    assert_refuses_strangers,
    queries,
    rows_of,
    state,
)
from tests.openapi import ApiClient
from tests.tickets import unchecked


def assert_refusals(inbox: Inbox, outsider: Inbox, anonymous: ApiClient, verb: str) -> None:
    """401, 404 (before 400), 400, 405; nothing changes."""
    inbox.tell()
    key = inbox.ids()[0]
    before = state()
    assert_refuses_strangers(anonymous, "post", f"{key}/{verb}/")
    for body in (None, {"is_read": True}):
        assert set(outsider.post(f"{key}/{verb}/", body, status=404)) == {"detail", "code"}
        assert set(inbox.post(f"999999/{verb}/", body, status=404)) == {"detail", "code"}
    refused = {"is_read": ["This field is not accepted here."]}
    assert inbox.post(f"{key}/{verb}/", {"is_read": True}, status=400) == refused
    assert set(inbox.post(f"{key}/{verb}/", [1], status=400)) == {"non_field_errors"}
    assert_only(inbox.client, f"{key}/{verb}/", "post")
    assert state() == before


def assert_second_time_changes_nothing(inbox: Inbox, key: int, verb: str) -> None:
    first = inbox.post(f"{key}/{verb}/")
    before = state()
    assert inbox.post(f"{key}/{verb}/") == first
    assert unchecked(inbox.client).post(f"{URL}{key}/{verb}/", {}).json() == first
    assert state() == before


def assert_every_channels_row_moves(inbox: Inbox, verb: str) -> None:
    """Whichever of a notification's rows is named, all of them change and no other."""
    inbox.tell(3)
    for row in rows_of(inbox.ids()[1]):
        others = {key: rows_of(key) for key in inbox.ids() if key not in {each.pk for each in rows_of(row.pk)}}
        before = [(each.is_read, each.is_archived) for each in rows_of(row.pk)]
        answer = inbox.post(f"{row.pk}/{verb}/")
        assert answer["notification"]["id"] == row.pk
        assert set(answer) == {"message", "notification", "unread_count"}
        assert answer["unread_count"] == inbox.get("unread_count/")["count"]
        after = [(each.is_read, each.is_archived) for each in rows_of(row.pk)]
        assert len(set(before)) == len(set(after)) == 1
        assert {key: rows_of(key) for key in others} == others


def assert_constant_queries(inbox: Inbox, verb: str) -> None:
    def cost(number: int) -> int:
        inbox.tell(number)
        key = inbox.ids()[0]
        if verb == "mark_as_unread":
            inbox.post(f"{key}/mark_as_read/")
        return queries(lambda: inbox.client.post(f"{URL}{key}/{verb}/"))

    assert cost(3) == cost(27) <= 16
