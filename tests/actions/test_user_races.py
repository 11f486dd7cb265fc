"""Admins and letters at the same moment. On SQLite they queue; on PostgreSQL they meet at the locks."""

from functools import partial

import pytest

from core.actions import password_reset, sessions, tickets, users
from core.domain.errors import NotVisible
from core.models import NotificationLog, Role, User, Watch
from core.notifications.letters import PASSWORD_RESET
from tests.actions.test_ticket_races import together
from tests.conftest import person

pytestmark = pytest.mark.django_db(transaction=True)


def test_of_two_admins_who_demote_or_deactivate_each_other_one_stays(ada: User) -> None:
    eve = person("eve", Role.ADMIN, 6)
    demote = partial(users.change, changes={"role": Role.CLIENT})
    for _ in range(5):
        mine, theirs = (User.objects.get(pk=user.pk) for user in (ada, eve))
        calls = (partial(demote, actor=ada, account=theirs), partial(users.deactivate, actor=eve, account=mine))
        assert together(*calls) == {"User": 1, "Conflict": 1}
        assert User.objects.filter(role=Role.ADMIN, is_active=True).count() == 1
        User.objects.update(role=Role.ADMIN, is_active=True)


def test_of_eight_who_make_the_same_account_one_does(ada: User) -> None:
    fields = {"email": "nina@example.com", "role": Role.CLIENT}
    names = ("nina", "Nina", "NINA", "nIna", "niNa", "ninA", "NIna", "niNA")
    calls = [partial(users.create, actor=ada, username=name, **fields) for name in names]
    assert together(*calls) == {"User": 1, "Invalid": 7}
    assert NotificationLog.objects.count() == 1


def test_a_link_used_eight_times_at_once_sets_one_password(dan: User) -> None:
    found = sessions.start(user=dan)
    token = PASSWORD_RESET.token(dan)
    words = [f"a quite long phrase {number}" for number in range(8)]
    calls = [partial(password_reset.confirm, uid=str(dan.pk), token=token, new=new) for new in words]
    assert together(*calls) == {"User": 1, "Invalid": 7}
    dan.refresh_from_db()
    assert sum(dan.check_password(word) for word in words) == 1
    assert dan.sessions.filter(pk=found.session.pk, ended_at=None).count() == 0


def test_however_many_ask_at_once_no_mailbox_is_flooded(dan: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("core.actions.password_reset.this_hour", lambda: "this hour")
    ask = partial(password_reset.request, email=dan.email)
    assert together(*(partial(ask, address=f"192.0.2.{number}") for number in range(8))) == {"NoneType": 8}
    assert 1 <= NotificationLog.objects.count() <= password_reset.LETTERS_AN_HOUR


def test_a_watch_under_way_does_not_outlive_the_role(ada: User, cleo: User) -> None:
    eve = person("eve", Role.ADMIN, 6)
    ticket = tickets.create(actor=cleo, title="Blank page", description="Since this morning.")
    for _ in range(5):
        account, stale = User.objects.get(pk=eve.pk), User.objects.get(pk=eve.pk)
        demote = partial(users.change, actor=ada, account=account, changes={"role": Role.DEVELOPER})
        together(demote, partial(tickets.watch, actor=stale, ticket_id=ticket.pk))
        assert not Watch.objects.exists()
        with pytest.raises(NotVisible):
            tickets.watch(actor=stale, ticket_id=ticket.pk)
        users.change(actor=ada, account=User.objects.get(pk=eve.pk), changes={"role": Role.ADMIN})
