"""Questions, answers and votes at the same moment: counts are right, and everybody is told once."""

from collections import Counter
from datetime import timedelta
from functools import partial

import pytest
from django.db.models import Sum
from django.utils import timezone

from core.actions import question_answers, questions, votes
from core.models import Answer, Question, Role, User, Vote
from tests.actions.test_ticket_races import assert_feeds_fit, together
from tests.questions import TITLE, ask, nothing_is_left, reply, told
from tests.tickets import newcomers

pytestmark = pytest.mark.django_db(transaction=True)


def test_twenty_vote_at_once(dan: User, cleo: User) -> None:
    answer, crowd = reply(dan, ask(cleo)), newcomers(Role.CLIENT, 20)
    values = [1, 1, 1, -1, 1] * 4
    vote = partial(votes.vote, Answer, pk=answer.pk)
    calls = [partial(vote, actor=user, value=value) for user, value in zip(crowd, values, strict=True)]
    assert together(*calls) == {"NoneType": 20}
    answer.refresh_from_db()
    assert answer.score == sum(values) == Vote.objects.aggregate(all=Sum("value"))["all"]
    assert len(told(dan, "answer_voted")) == 1
    Answer.objects.update(votes_told_at=timezone.now() - timedelta(minutes=1))
    assert together(*8 * [votes.tell_waiting]) == {"NoneType": 8}
    texts = [row[0] for row in told(dan, "answer_voted")]
    assert texts[1:] == [f"19 people voted on your answer: {TITLE}"]
    assert_feeds_fit()


def test_one_person_who_votes_on_many_devices_has_one_vote(dan: User, cleo: User) -> None:
    question = ask(dan)
    vote = partial(votes.vote, Question, actor=cleo, pk=question.pk)
    assert together(*(partial(vote, value=value) for value in (1, -1, 1, 0, 1, -1, 1, 1))) == {"NoneType": 8}
    question.refresh_from_db()
    assert question.score == Vote.objects.get().value
    assert len(told(dan, "question_voted")) == 1
    assert_feeds_fit()


def test_answers_are_counted_and_one_is_accepted(dan: User, cleo: User) -> None:
    question, crowd = ask(cleo), newcomers(Role.DEVELOPER, 8)
    calls = [
        partial(question_answers.answer, actor=user, question_id=question.pk, body="Clear the cache.") for user in crowd
    ]
    assert together(*calls) == {"Answer": 8}
    made = list(Answer.objects.all())
    accept = partial(question_answers.accept, actor=cleo)
    assert together(*(partial(accept, answer_id=answer.pk) for answer in made)) == {"NoneType": 8}
    question.refresh_from_db()
    assert (question.answers_count, question.accepted_answer in made) == (8, True)
    assert len(told(cleo, "answer_created")) == 8
    accepted = Counter(len(told(user, "answer_accepted")) for user in crowd)
    assert accepted == {1: 8}
    assert_feeds_fit()


def test_whoever_votes_or_answers_while_it_is_deleted_is_refused_or_first(ada: User, dan: User, cleo: User) -> None:
    for _ in range(5):
        question = ask(cleo)
        answer = reply(dan, question)
        outcomes = together(
            partial(questions.delete, actor=ada, question_id=question.pk),
            partial(votes.vote, Answer, actor=cleo, pk=answer.pk, value=1),
            partial(votes.vote, Question, actor=dan, pk=question.pk, value=1),
            partial(question_answers.answer, actor=dan, question_id=question.pk, body="Clear the cache."),
            partial(question_answers.accept, actor=cleo, answer_id=answer.pk),
            partial(question_answers.delete, actor=ada, answer_id=answer.pk),
        )
        assert set(outcomes) <= {"NoneType", "Answer", "NotVisible"}
    assert nothing_is_left()
    assert_feeds_fit()
