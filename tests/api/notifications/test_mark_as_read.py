"""POST /api/notifications/{id}/mark_as_read/"""

import json

from core.models import Feed, NotificationLog, User
from tests.api.notifications import marking
from tests.api.notifications.inbox import FOLDING, Inbox, InboxOf
from tests.openapi import ApiClient

VERB = "mark_as_read"


def test_it_is_read_from_now_on_and_takes_the_next_position(inbox: Inbox) -> None:
    inbox.tell(2)
    key = inbox.ids()[0]
    before = inbox.get(f"{key}/")
    answer = inbox.post(f"{key}/{VERB}/")
    after = inbox.get(f"{key}/")
    assert answer == {"message": "Marked as read.", "notification": after, "unread_count": 1}
    assert after == before | {"is_read": True, "read_at": after["read_at"], "changed_seq": 3}
    assert after["read_at"]
    assert inbox.get()["seq"] == 3


def test_it_is_idempotent(inbox: Inbox) -> None:
    inbox.tell()
    marking.assert_second_time_changes_nothing(inbox, inbox.ids()[0], VERB)


def test_after_a_read_all_it_changes_nothing(inbox: Inbox) -> None:
    inbox.tell()
    key = inbox.ids()[0]
    inbox.post("mark_all_as_read/")
    shown = inbox.get(f"{key}/")
    for fold in FOLDING:
        fold()
        answer = inbox.post(f"{key}/{VERB}/")
        assert (answer["notification"], answer["unread_count"]) == (shown, 0)
        assert Feed.objects.get(user=inbox.user).top_seq == 2


def test_every_channels_row_moves(inbox: Inbox) -> None:
    marking.assert_every_channels_row_moves(inbox, VERB)
    assert NotificationLog.objects.filter(is_read=True).count() == 3


def test_another_recipients_rows_of_the_same_event_stay(inbox_of: InboxOf, inbox: Inbox, dan: User, dora: User) -> None:
    User.objects.filter(pk__in=[dan.pk, dora.pk]).update(role="ADMIN")
    inbox.tell()
    inbox.post(f"{inbox.ids()[0]}/{VERB}/")
    for user in (dan, dora):
        assert inbox_of(user).get()["unread_count"] == 1


def test_refusals(inbox: Inbox, inbox_of: InboxOf, dan: User, anonymous: ApiClient) -> None:
    marking.assert_refusals(inbox, inbox_of(dan), anonymous, VERB)


def test_what_is_no_json_is_refused(inbox: Inbox) -> None:
    inbox.tell()
    path = f"/api/notifications/{inbox.ids()[0]}/{VERB}/"
    response = inbox.client.generic("POST", path, "{", "application/json")
    assert (response.status_code, set(json.loads(response.content))) == (400, {"non_field_errors"})
    assert inbox.client.generic("POST", path, "a=b", "application/x-www-form-urlencoded").status_code == 415


def test_it_takes_the_same_few_queries_however_many_there_are(inbox: Inbox) -> None:
    marking.assert_constant_queries(inbox, VERB)
