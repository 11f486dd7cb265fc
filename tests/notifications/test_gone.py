"""Just before it is sent: what is about a question or an answer that was deleted meanwhile is not."""

from datetime import timedelta

from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from core.actions import question_answers, questions, votes
from core.models import DeliveryStatus, NotificationLog, Preference, Question, Role, User
from core.notifications.claims import claim
from core.notifications.deliver import drain
from core.notifications.second_look import SecondLook
from tests.fakes.smtp import FakeSmtp
from tests.notifications.support import SENT, Pigeon, make_due
from tests.questions import ask, reply
from tests.tickets import newcomers

GONE = (DeliveryStatus.CANCELLED, "resource_gone")


def ends(channel: str) -> dict[tuple[str, int], tuple[str, str]]:
    rows = NotificationLog.objects.filter(notification_type=channel)
    return {(row.event, row.resource_id): (row.status, row.error) for row in rows}


def test_what_was_deleted_is_not_told_and_the_rest_is(pigeon: Pigeon, ada: User, dan: User, cleo: User) -> None:
    asked, other = ask(cleo), ask(cleo)
    about = asked.pk
    votes.vote(Question, actor=dan, pk=asked.pk, value=1)
    votes.vote(Question, actor=dan, pk=other.pk, value=1)
    said, kept, withdrawn = reply(dan, asked).pk, reply(dan, other).pk, reply(dan, other).pk
    questions.delete(actor=ada, question_id=about)  # its answers go with it
    question_answers.delete(actor=dan, answer_id=withdrawn)
    drain("PIGEON")
    assert ends("PIGEON") == {
        ("question_voted", about): GONE,
        ("question_voted", other.pk): (SENT, ""),
        ("answer_created", said): GONE,
        ("answer_created", kept): (SENT, ""),
        ("answer_created", withdrawn): GONE,
    }


def test_it_is_in_no_digest(dan: User, cleo: User, mailbox: FakeSmtp) -> None:
    Preference.objects.create(user=cleo, digest="hourly")
    question = ask(cleo)
    kept, withdrawn = reply(dan, question).pk, reply(dan, question).pk
    NotificationLog.objects.update(created_at=timezone.now() - timedelta(hours=1))
    question_answers.delete(actor=dan, answer_id=withdrawn)
    make_due()
    drain("EMAIL")
    mailbox.take(cleo.email)
    assert ends("EMAIL") == {("answer_created", kept): (SENT, ""), ("answer_created", withdrawn): GONE}


def test_a_batch_takes_one_query_for_all_its_answers(pigeon: Pigeon, dan: User, cleo: User) -> None:
    def queries(rows: int) -> int:
        batch = claim("PIGEON")
        assert len(batch.rows) == rows
        with CaptureQueriesContext(connection) as captured:
            SecondLook.at(batch)
        assert sum("core_answer" in query["sql"] for query in captured) == 1
        return len(captured)

    reply(dan, ask(cleo))
    one = queries(1)
    for user in newcomers(Role.CLIENT, 5):
        reply(dan, ask(user))
    assert queries(5) == one
