"""Tickets work once, for 30 s, as long as their session does."""

from datetime import timedelta
from functools import partial

import pytest
from django.utils import timezone

from core.actions import one_time_tickets, sessions
from core.domain.errors import SignInRefused
from core.models import OneTimeTicket, Session, User
from core.tasks import tidy
from tests.notifications.support import at_once


def refusal(text: str) -> str:
    with pytest.raises(SignInRefused) as refused:
        one_time_tickets.authenticate(text)
    return refused.value.code


def issue(user: User) -> str:
    return one_time_tickets.issue(session=sessions.start(user=user).session)


def expire() -> None:
    OneTimeTicket.objects.update(expires_at=timezone.now() - timedelta(seconds=1))


def test_a_ticket_works_once(dan: User) -> None:
    session = sessions.start(user=dan).session
    ticket = one_time_tickets.issue(session=session)
    assert one_time_tickets.authenticate(ticket) == (dan, session)
    assert refusal(ticket) == "token_invalid"
    assert not OneTimeTicket.objects.exists()


def test_an_access_token_works_as_often_as_one_likes(dan: User) -> None:
    found = sessions.start(user=dan)
    for _ in range(2):
        assert one_time_tickets.authenticate(found.access) == (dan, found.session)


@pytest.mark.parametrize("text", ["", "tk_", "tk_x", "tk_\ud800\0", f"tk_{'x' * 2_000}", "x", "a.b.c"])
@pytest.mark.django_db
def test_what_is_neither_is_refused(text: str) -> None:
    assert refusal(text) == "token_invalid"


def test_its_hash_is_no_ticket(dan: User) -> None:
    issue(dan)
    key = OneTimeTicket.objects.get().key
    assert {refusal(key), refusal(f"tk_{key}"[:60])} == {"token_invalid"}


def test_after_its_time_it_is_refused_and_tidied_away(dan: User) -> None:
    ticket = issue(dan)
    expire()
    assert refusal(ticket) == "token_invalid"
    kept = issue(dan)
    tidy()
    assert OneTimeTicket.objects.count() == 1
    assert one_time_tickets.redeem(kept)[0] == dan


def test_it_ends_with_its_session_and_its_person(dan: User) -> None:
    ended = issue(dan)
    Session.objects.update(ended_at=timezone.now())
    assert refusal(ended) == "session_ended"
    inactive = issue(dan)
    User.objects.filter(pk=dan.pk).update(is_active=False)
    assert refusal(inactive) == "user_inactive"


def test_of_one_session_the_newest_twenty_work(dan: User, dora: User) -> None:
    other, session = issue(dora), sessions.start(user=dan).session
    tickets = [one_time_tickets.issue(session=session) for _ in range(one_time_tickets.MOST_OPEN + 2)]
    assert OneTimeTicket.objects.filter(session=session).count() == one_time_tickets.MOST_OPEN == 20
    assert [refusal(ticket) for ticket in tickets[:2]] == ["token_invalid"] * 2
    assert one_time_tickets.redeem(tickets[2])[0] == dan
    assert one_time_tickets.redeem(other)[0] == dora


@pytest.mark.django_db(transaction=True)
def test_of_parallel_uses_one_wins(dan: User) -> None:
    ticket, seen = issue(dan), []

    def use() -> None:
        try:
            seen.append(one_time_tickets.redeem(ticket)[0].username)
        except SignInRefused as error:
            seen.append(error.code)

    at_once(*[use] * 8)
    assert sorted(seen) == ["dan", *["token_invalid"] * 7]


@pytest.mark.django_db(transaction=True)
def test_issued_at_once_they_are_limited_too(dan: User) -> None:
    session = sessions.start(user=dan).session
    for _ in range(4):
        at_once(*[partial(one_time_tickets.issue, session=session)] * 6)
    assert OneTimeTicket.objects.count() == one_time_tickets.MOST_OPEN
