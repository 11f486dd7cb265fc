"""Votes are told: the first at once, those of the minute after it together, each person's once."""

from collections.abc import Sequence
from datetime import timedelta

import pytest

from core.actions import votes
from core.domain.change import Facts
from core.models import Answer, Question, Role, User, Vote
from tests.actions.conftest import Wait
from tests.questions import TITLE, ask, reply, told
from tests.tickets import newcomers

SECOND, MINUTE = timedelta(seconds=1), timedelta(minutes=1)


def cast(answer: Answer, *people: User, value: int = 1) -> None:
    for user in people:
        votes.vote(Answer, actor=user, pk=answer.pk, value=value)


def said(user: User, event: str = "answer_voted") -> list[tuple[str, str | None]]:
    """What `user` has been told and by whom, without the question's title."""
    return [(row[0].removesuffix(f": {TITLE}"), row[-1]) for row in told(user, event)]


FIRST = ("Cleo Client voted for your answer", "cleo")


def test_the_first_is_told_at_once_and_those_of_the_minute_together(wait: Wait, dan: User, cleo: User) -> None:
    answer, crowd = reply(dan, ask(cleo)), newcomers(Role.CLIENT, 6)
    cast(answer, cleo)
    wait(30 * SECOND)
    cast(answer, *crowd[:5])
    wait(29 * SECOND)
    votes.tell_waiting()
    assert said(dan) == [FIRST]
    wait(SECOND)
    votes.tell_waiting()
    votes.tell_waiting()
    together = ("5 people voted for your answer", None)
    assert said(dan) == [FIRST, together]
    cast(answer, crowd[5])  # within a minute of the second notification
    votes.tell_waiting()
    assert said(dan) == [FIRST, together]
    wait(MINUTE)
    votes.tell_waiting()
    votes.tell_of(Answer, answer.pk, wait(MINUTE))  # somebody else has told of them meanwhile
    assert said(dan) == [FIRST, together, ("someone5 voted for your answer", "someone5")]


def test_a_vote_takes_those_along_that_wait_already(wait: Wait, dan: User, cleo: User, carl: User, dora: User) -> None:
    answer = reply(dan, ask(cleo))
    cast(answer, cleo, carl)
    wait(MINUTE)
    cast(answer, dora)
    assert said(dan) == [FIRST, ("2 people voted for your answer", None)]


def test_ones_vote_is_told_once_however_often_it_changes(wait: Wait, dan: User, cleo: User, carl: User) -> None:
    answer = reply(dan, ask(cleo))
    for value in (1, 0, -1, 0, 1):
        cast(answer, cleo, carl, value=value)
        wait(MINUTE)
        votes.tell_waiting()
    assert said(dan) == [FIRST, ("Carl Client voted for your answer", "carl")]
    assert not Vote.objects.filter(is_told=False).exists()


def test_what_is_taken_back_before_is_not_told(wait: Wait, dan: User, cleo: User, carl: User, dora: User) -> None:
    answer = reply(dan, ask(cleo))
    cast(answer, cleo, carl, dora)
    cast(answer, carl, dora, value=0)
    cast(answer, dora)
    wait(MINUTE)
    votes.tell_waiting()
    assert said(dan) == [FIRST, ("Dora Developer voted for your answer", "dora")]


def test_only_what_all_voted_for_is_called_so(wait: Wait, dan: User, cleo: User, carl: User, dora: User) -> None:
    answer = reply(dan, ask(cleo))
    cast(answer, cleo, value=-1)
    cast(answer, carl)
    cast(answer, dora, value=-1)
    wait(MINUTE)
    votes.tell_waiting()
    assert said(dan) == [("Cleo Client voted on your answer", "cleo"), ("2 people voted on your answer", None)]


def test_each_post_has_its_own_minute(wait: Wait, dan: User, cleo: User, carl: User, dora: User) -> None:
    question = ask(dan)
    first, second = reply(dan, question), reply(dan, question)
    cast(first, cleo)
    cast(second, cleo)
    votes.vote(Question, actor=cleo, pk=question.pk, value=1)
    for user in (carl, dora):
        votes.vote(Question, actor=user, pk=question.pk, value=1)
    assert said(dan) == [FIRST, FIRST]
    wait(MINUTE)
    votes.tell_waiting()
    assert said(dan, "question_voted") == [
        ("Cleo Client voted for your question", "cleo"),
        ("2 people voted for your question", None),
    ]


def test_they_are_told_in_the_language_of_the_author(wait: Wait, dan: User, cleo: User, carl: User, dora: User) -> None:
    User.objects.filter(pk=dan.pk).update(locale="de")
    answer = reply(dan, ask(cleo))
    cast(answer, cleo, carl, dora)
    wait(MINUTE)
    votes.tell_waiting()
    assert [text for text, _ in said(dan)] == [
        "Cleo Client hat für Ihre Antwort gestimmt",
        "2 Personen haben für Ihre Antwort gestimmt",
    ]


def test_what_was_deleted_meanwhile_is_not_told(wait: Wait, dan: User, cleo: User, carl: User) -> None:
    answer = reply(dan, ask(cleo))
    cast(answer, cleo, carl)
    pk = answer.pk
    answer.delete()
    wait(MINUTE)
    votes.tell_waiting()
    votes.tell_of(Answer, pk, wait(MINUTE))
    assert said(dan) == [FIRST]


def test_a_post_that_fails_does_not_hold_up_the_others(
    wait: Wait, dan: User, cleo: User, carl: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    question = ask(cleo)
    stuck, other = reply(dan, question), reply(dan, question)
    for answer in (stuck, other):
        cast(answer, cleo, carl)
    wait(MINUTE)
    usual = votes.said

    def failing(post: Question | Answer, found: Sequence[Vote]) -> Facts:
        if post.pk == stuck.pk:
            raise ValueError("no words")
        return usual(post, found)

    with monkeypatch.context() as patched:
        patched.setattr(votes, "said", failing)
        votes.tell_waiting()
    carls = ("Carl Client voted for your answer", "carl")
    assert said(dan) == [FIRST, FIRST, carls]
    assert list(Vote.objects.filter(waits_since__isnull=False).values_list("answer", flat=True)) == [stuck.pk]
    votes.tell_waiting()
    assert said(dan) == [FIRST, FIRST, carls, carls]
