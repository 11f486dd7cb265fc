"""Reading and being told at the same moment: counts stay exact, positions have no hole and no double."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from threading import Barrier
from typing import Any

import pytest
from django.db import connection

from core.actions import inbox, tickets
from core.models import Feed, NotificationLog, User
from core.models.notification import SYSTEM
from core.notifications import feed, positions
from tests.api.notifications.inbox import assert_counts_are_those_of_the_rows
from tests.conftest import hush

pytestmark = pytest.mark.django_db(transaction=True)
THREADS = 8


def together(*calls: Callable[[], Any]) -> list[Any]:
    """The results of calls made at the same moment, in a thread each."""
    ready = Barrier(len(calls))

    def one(call: Callable[[], Any]) -> Any:
        ready.wait()
        try:
            return call()
        finally:
            connection.close()

    with ThreadPoolExecutor(len(calls)) as threads:
        results = list(threads.map(one, calls))
    for ticket_id in set(NotificationLog.objects.exclude(ticket=None).values_list("ticket_id", flat=True)):
        hush(ticket_id)
    assert_counts_are_those_of_the_rows()
    return results


def tell(cleo: User) -> None:
    tickets.create(actor=cleo, title="Bug Fix", description="Since this morning.")


def keys_of(user: User) -> list[int]:
    rows = NotificationLog.objects.filter(recipient=user, notification_type=SYSTEM).order_by("pk")
    return list(rows.values_list("pk", flat=True))


def unread(user: User) -> int:
    return feed.unread_count(Feed.objects.get(user=user))


def seqs_of(user: User) -> list[int]:
    """Of all notifications, by their creation."""
    rows = NotificationLog.objects.filter(recipient=user, notification_type=SYSTEM).order_by("seq")
    return list(rows.values_list("seq", flat=True))


def test_of_many_who_mark_the_same_one_changes_it(ada: User, cleo: User) -> None:
    tell(cleo)
    tell(cleo)
    key = keys_of(ada)[0]
    marked = together(*[partial(inbox.mark_read, user=ada, ids=[key])] * THREADS)
    assert sorted(each.count for each in marked) == [0] * (THREADS - 1) + [1]
    assert {each.unread_count for each in marked} == {1}
    assert Feed.objects.get(user=ada).top_seq == 3


def test_of_many_who_mark_all_one_counts_them(ada: User, cleo: User) -> None:
    for _ in range(3):
        tell(cleo)
    marked = together(*[partial(inbox.mark_all_read, user=ada)] * THREADS)
    assert sorted(each.count for each in marked) == [0] * (THREADS - 1) + [3]
    assert Feed.objects.get(user=ada).top_seq == 4


def test_read_unread_and_archived_at_once_leave_rows_and_counts_in_agreement(ada: User, cleo: User) -> None:
    for _ in range(4):
        tell(cleo)
    first, second, third, fourth = keys_of(ada)
    for _ in range(3):
        together(
            partial(inbox.mark_read, user=ada, ids=[first, second]),
            partial(inbox.mark_unread, user=ada, notification_id=first),
            partial(inbox.archive, user=ada, notification_id=second),
            partial(inbox.mark_unread, user=ada, notification_id=second),
            partial(inbox.mark_one_read, user=ada, notification_id=third),
            partial(inbox.mark_all_read, user=ada),
            positions.fold_all,
            partial(inbox.mark_unread, user=ada, notification_id=fourth),
        )
    inbox.mark_all_read(user=ada)
    positions.fold_all()
    assert_counts_are_those_of_the_rows()
    assert unread(ada) == 0
    assert not NotificationLog.objects.filter(recipient=ada, is_read=False).exists()


def test_an_inbox_counted_while_it_changes_is_counted_right(ada: User, cleo: User) -> None:
    for _ in range(4):
        tell(cleo)
    first, second, *_ = keys_of(ada)

    def look() -> int:
        return feed.inbox_count(feed.read(ada.pk))

    for _ in range(3):
        together(
            look,
            partial(tell, cleo),
            look,
            partial(inbox.archive, user=ada, notification_id=first),
            look,
            partial(inbox.mark_unread, user=ada, notification_id=first),
            partial(inbox.archive, user=ada, notification_id=second),
            look,
        )
        assert (
            look() == NotificationLog.objects.filter(recipient=ada, notification_type=SYSTEM, is_archived=False).count()
        )
        assert_counts_are_those_of_the_rows()
        inbox.mark_unread(user=ada, notification_id=second)


def test_notifications_that_arrive_at_once_get_positions_without_a_hole(ada: User, dora: User, cleo: User) -> None:
    User.objects.filter(pk=dora.pk).update(role="ADMIN")
    together(*[partial(tell, cleo)] * THREADS)
    for user in (ada, dora):
        assert seqs_of(user) == list(range(1, THREADS + 1))
        assert unread(user) == Feed.objects.get(user=user).top_seq == THREADS


def test_the_first_notifications_of_a_person_do_not_fall_over_each_other(ada: User, cleo: User) -> None:
    assert not Feed.objects.filter(user=ada).exists()
    together(*[partial(tell, cleo)] * THREADS)
    assert Feed.objects.filter(user=ada).count() == 1
    assert seqs_of(ada) == list(range(1, THREADS + 1))


def test_what_arrives_while_all_is_read_is_read_or_counted_but_never_lost(ada: User, cleo: User) -> None:
    for _ in range(3):
        before = len(keys_of(ada))
        marked = together(
            *[partial(tell, cleo)] * 4,
            *[partial(inbox.mark_all_read, user=ada)] * 2,
            positions.fold_all,
            positions.fold_all,
        )
        counted = sum(each.count for each in marked if isinstance(each, inbox.Marked))
        left = unread(ada)
        assert counted + left == len(keys_of(ada)) - before == 4
        positions.fold_all()
        assert_counts_are_those_of_the_rows()
        inbox.mark_all_read(user=ada)
    positions.fold_all()
    assert unread(ada) == 0


def test_every_position_given_out_is_that_of_one_change(ada: User, cleo: User) -> None:
    tell(cleo)
    key = keys_of(ada)[0]
    marked = together(
        *[partial(tell, cleo)] * 4,
        *[partial(inbox.mark_one_read, user=ada, notification_id=key)] * 2,
        *[partial(inbox.mark_unread, user=ada, notification_id=key)] * 2,
    )
    changes = sum(each.count for each in marked if isinstance(each, inbox.Marked))
    assert Feed.objects.get(user=ada).top_seq == 1 + 4 + changes
    assert len(seqs_of(ada)) == len(set(seqs_of(ada))) == 5


def test_people_do_not_wait_for_or_count_each_other(ada: User, dora: User, cleo: User) -> None:
    User.objects.filter(pk=dora.pk).update(role="ADMIN")
    for _ in range(4):
        tell(cleo)
    together(
        *[partial(inbox.mark_read, user=ada, ids=[key]) for key in keys_of(ada)],
        *[partial(inbox.archive, user=dora, notification_id=key) for key in keys_of(dora)[:2]],
        partial(tell, cleo),
        partial(inbox.mark_read, user=dora, ids=keys_of(ada)),
    )
    assert (unread(ada), unread(dora)) == (1, 3)
