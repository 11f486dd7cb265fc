"""What the database does for a new notification is what positions.py does for any change."""

import time
from typing import Any

import pytest
from django.db import transaction
from django.forms.models import model_to_dict

from core.models import Feed, NotificationLog, User
from core.notifications import arrivals, positions
from core.notifications.statements import run_together

EVENT = "ticket_opened"
LATER = 4e9  # seconds since 1970: somebody's clock was wrong
FEEDS: dict[str, dict[str, Any]] = {
    "new": {},
    "never counted": {"top_seq": 4, "unread": {"SYSTEM": {"comment_added": 2}}},
    "counted": {"top_seq": 4, "inbox_count": 3, "counted_seq": 4, "unread": {"SYSTEM": {EVENT: 2}}},
    "counted before": {"top_seq": 4, "inbox_count": 3, "counted_seq": 2, "unread": {"EMAIL": {EVENT: 1}}},
    "ahead of the clock": {"top_seq": 1, "state_at": LATER, "unread_at": LATER - 1},
}


def rows(user: User, *channels: str) -> list[NotificationLog]:
    return [NotificationLog(recipient=user, notification_type=channel, event=EVENT) for channel in channels]


def come(*found: NotificationLog) -> None:
    with transaction.atomic():
        run_together(list(arrivals.come(found)))


@pytest.mark.parametrize("before", FEEDS.values(), ids=FEEDS)
def test_a_feed_moves_as_positions_would_move_it(before: dict[str, Any], cleo: User, dan: User) -> None:
    for user in (cleo, dan):
        Feed.objects.create(user=user, **before)
    told = rows(cleo, "SYSTEM", "EMAIL")
    expected = Feed.objects.get(user=cleo)
    positions.take(expected, more=1)
    positions.count(expected, told, +1)
    come(*told)
    found, stamps = Feed.objects.get(user=cleo), ["state_at", "unread_at"]
    assert model_to_dict(found, exclude=stamps) == model_to_dict(expected, exclude=stamps)
    assert found.state_at == found.unread_at
    assert found.state_at > before.get("state_at", 0)
    assert found.state_at == pytest.approx(max(time.time(), before.get("state_at", 0)), abs=5)
    assert Feed.objects.get(user=dan).top_seq == before.get("top_seq", 0)


def test_people_told_on_different_channels_are_counted_on_theirs(cleo: User, dan: User) -> None:
    positions.make([cleo.pk, dan.pk])
    come(*rows(cleo, "SYSTEM"), *rows(dan, "SYSTEM", "WHATSAPP"))
    found = {own.user_id: (own.top_seq, own.unread) for own in Feed.objects.all()}
    one = {EVENT: 1}
    assert found == {cleo.pk: (1, {"SYSTEM": one}), dan.pk: (1, {"SYSTEM": one, "WHATSAPP": one})}
