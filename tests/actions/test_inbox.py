"""The verbs of the inbox as other code than the views calls them."""

from collections.abc import Callable
from random import Random
from typing import Any

import pytest
from django.db.models import F
from django.test import TestCase
from pytest_django import DjangoAssertNumQueries

from core.actions import inbox, tickets
from core.domain.errors import NotVisible
from core.models import Feed, NotificationLog, User
from core.models.notification import SYSTEM
from core.notifications import feed
from tests.actions.test_inbox_races import keys_of, tell
from tests.api.notifications.inbox import state
from tests.conftest import hush

OF_ONE: list[Callable[..., Any]] = [inbox.mark_one_read, inbox.mark_unread, inbox.archive]


@pytest.mark.parametrize("verb", OF_ONE)
def test_anothers_or_none_is_not_visible_and_nothing_changes(
    ada: User, dan: User, cleo: User, verb: Callable[..., Any]
) -> None:
    tell(cleo)
    before = state()
    for user, key in ((dan, keys_of(ada)[0]), (ada, 999_999)):
        with pytest.raises(NotVisible):
            verb(user=user, notification_id=key)
    assert state() == before


def test_every_change_is_pushed_once_after_the_commit_and_nothing_when_nothing_changed(
    ada: User, cleo: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    tell(cleo)
    key = keys_of(ada)[0]
    pushed: list[Any] = []
    monkeypatch.setattr("core.actions.inbox.push", pushed.append)
    steps: list[tuple[Callable[[], Any], dict[str, Any]]] = [
        (lambda: inbox.mark_read(user=ada, ids=[key]), {"read_ids": [key], "unread_count": 0}),
        (lambda: inbox.mark_unread(user=ada, notification_id=key), {"unread_ids": [key], "unread_count": 1}),
        (lambda: inbox.mark_all_read(user=ada), {"all_up_to_seq": 3, "unread_count": 0}),
        (lambda: inbox.archive(user=ada, notification_id=key), {"archived_ids": [key], "unread_count": 0}),
    ]
    for position, (step, said) in enumerate(steps, start=2):
        with TestCase.captureOnCommitCallbacks(execute=True):
            step()
            assert pushed == []
        with TestCase.captureOnCommitCallbacks(execute=True):
            step()  # changes nothing
        frame = {"type": "state", "seq": position, **said}
        assert pushed == [[(ada.pk, {"type": "feed.moved", "seq": position, "frame": frame})]]
        pushed.clear()


def test_what_was_marked_as_unread_after_the_position_of_a_read_all_is_told_to_be_unread(
    ada: User, cleo: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in range(3):
        tell(cleo)
    first, second, _ = keys_of(ada)
    inbox.mark_read(user=ada, ids=[first, second])
    inbox.mark_unread(user=ada, notification_id=second)
    inbox.mark_unread(user=ada, notification_id=first)  # at 6
    pushed: list[Any] = []
    monkeypatch.setattr("core.actions.inbox.push", pushed.append)
    with TestCase.captureOnCommitCallbacks(execute=True):
        assert inbox.mark_all_read(user=ada, up_to_seq=5) == inbox.Marked(2, 1)
    frame = {"type": "state", "seq": 7, "all_up_to_seq": 5, "unread_ids": [first], "unread_count": 1}
    assert pushed == [[(ada.pk, {"type": "feed.moved", "seq": 7, "frame": frame})]]
    assert feed.replay(ada.pk, 6, None).state == frame | {"seq": 6}
    assert feed.replay(ada.pk, 5, None).state == frame | {"seq": 5}


def test_an_inbox_is_counted_once_and_its_count_carried_on(
    ada: User, cleo: User, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    chance = Random(7)
    steps: list[Callable[..., Any]] = [*OF_ONE, inbox.mark_read, inbox.mark_all_read, tell]
    tell(cleo)
    assert feed.inbox_count(feed.read(ada.pk)) == 1
    for _ in range(40):
        key = chance.choice(keys_of(ada))
        step = chance.choice(steps)
        if step is tell:
            tell(cleo)
        elif step in OF_ONE:
            step(user=ada, notification_id=key)
        else:
            step(user=ada, **({"ids": [key]} if step is inbox.mark_read else {}))
        own = Feed.objects.get(user=ada)
        shown = NotificationLog.objects.filter(recipient=ada, notification_type=SYSTEM, is_archived=False).count()
        with django_assert_num_queries(0):
            assert feed.inbox_count(own) == shown


def test_a_change_that_nobody_counted_makes_the_count_stale_and_it_is_counted_anew(ada: User, cleo: User) -> None:
    tell(cleo)
    feed.inbox_count(feed.read(ada.pk))
    Feed.objects.filter(user=ada).update(top_seq=F("top_seq") + 1, inbox_count=7)  # by the release before
    tell(cleo)
    late = feed.read(ada.pk)
    tell(cleo)
    assert feed.inbox_count(late) == 3
    assert Feed.objects.get(user=ada).inbox_count == 7  # what was counted is of no position known
    assert feed.inbox_count(feed.read(ada.pk)) == 3
    tell(cleo)
    assert Feed.objects.get(user=ada).inbox_count == 4


def test_without_a_feed_there_is_nothing_to_read(dan: User) -> None:
    assert inbox.mark_all_read(user=dan) == inbox.Marked(0, 0)
    assert inbox.mark_read(user=dan, ids=[1]) == inbox.Marked(0, 0)
    assert feed.since(dan.pk, 0, limit=10) == (0, [])
    assert feed.positions([dan.pk]) == {dan.pk: 0}


def test_replay_gives_what_was_created_since_in_order_and_says_from_where_to_go_on(ada: User, cleo: User) -> None:
    for _ in range(5):
        tell(cleo)
    inbox.mark_read(user=ada, ids=keys_of(ada)[:2])
    position, frames = feed.since(ada.pk, 1, limit=3)
    assert (position, [frame["seq"] for frame in frames]) == (4, [2, 3, 4])
    position, frames = feed.since(ada.pk, position, limit=3)
    assert (position, [frame["seq"] for frame in frames]) == (6, [5])
    assert frames[0]["unread_count"] == 3
    assert feed.since(ada.pk, position, limit=3) == (6, [])


def test_somebody_deleted_takes_the_inbox_along(ada: User, dora: User, cleo: User) -> None:
    User.objects.filter(pk=dora.pk).update(role="ADMIN")
    ticket = tickets.create(actor=cleo, title="Bug Fix", description="It broke.")
    hush(ticket.pk)
    dora.delete()
    assert not Feed.objects.filter(pk=dora.pk).exists()
    assert set(NotificationLog.objects.values_list("recipient", flat=True)) == {ada.pk}
    assert str(Feed.objects.get(user=ada)) == f"feed of user {ada.pk} at 1"
    assert NotificationLog.objects.filter(notification_type=SYSTEM).count() == 1
