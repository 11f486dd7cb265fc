"""`manage.py rotate_epochs`, after a restore from a backup"""

import io
import re

from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from core.models import Feed, Role, User
from core.notifications import feed, state
from tests.conftest import MakeTicket
from tests.tickets import newcomers


def rotated() -> str:
    out = io.StringIO()
    call_command("rotate_epochs", stdout=out)
    return out.getvalue()


def test_everybody_gets_a_new_epoch_also_who_has_no_feed_yet(make_ticket: MakeTicket, ada: User, carl: User) -> None:
    make_ticket()
    assert Feed.objects.count() < User.objects.count()
    assert rotated() == f"New epochs: {User.objects.count()}.\n"
    (first,) = set(Feed.objects.values_list("epoch", flat=True))
    assert re.fullmatch("[0-9a-f]{8}", first)
    assert feed.read(carl.pk).epoch == first
    rotated()
    assert first not in Feed.objects.values_list("epoch", flat=True)
    assert feed.read(ada.pk).top_seq == 1


def test_whoever_comes_with_the_old_one_is_told_to_fetch_anew(make_ticket: MakeTicket, ada: User) -> None:
    make_ticket()
    old = feed.read(ada.pk).epoch
    rotated()
    assert feed.replay(ada.pk, 1, old).reason == feed.changes(ada.pk, 1, old).reason == "epoch"
    assert feed.replay(ada.pk, 1, feed.read(ada.pk).epoch).reason == ""


def test_it_takes_a_few_statements_however_many_there_are(db: None) -> None:
    newcomers(Role.CLIENT, 30)
    with CaptureQueriesContext(connection) as queries:
        rotated()
    assert len([query for query in queries if "SAVEPOINT" not in query["sql"]]) == 3


def test_clients_that_poll_for_state_are_told_the_count_anew(make_ticket: MakeTicket, ada: User) -> None:
    make_ticket()
    (before,) = state.values(ada.pk, 0)
    assert state.values(ada.pk, before["timestamp"]) == []
    rotated()
    (after,) = state.values(ada.pk, before["timestamp"])
    assert after["data"] == before["data"] == 1
