"""The knowledge base: questions, their answers, and what people think of both."""

from django.db import models
from django.db.models import Exists, F, OuterRef, Q, Subquery, Value
from django.db.models.functions import Coalesce

from core.models.tag import Tag
from core.models.ticket import Ticket
from core.models.user import User


class QuestionQuerySet(models.QuerySet["Question"]):
    def shown_to(self, user: User) -> "QuestionQuerySet":
        """Load what a question's JSON for `user` needs."""
        others = Answer.objects.filter(question=OuterRef("pk")).exclude(author=OuterRef("author"))
        ticket = Ticket.objects.visible_to(user).filter(pk=OuterRef("ticket"))
        return (
            self.annotate(  # type: ignore[no-redef]  # declared below, for readers
                my_vote=own_vote("question", user),
                is_answered_by_others=Exists(others),
                shows_ticket=Exists(ticket),
            )
            .select_related("author")
            .prefetch_related("tags")
        )


class AnswerQuerySet(models.QuerySet["Answer"]):
    def shown_to(self, user: User) -> "AnswerQuerySet":
        """Load what an answer's JSON for `user` needs."""
        return self.annotate(  # type: ignore[no-redef]  # declared below, for readers
            my_vote=own_vote("answer", user),
            asker_id=F("question__author"),
            is_accepted=Exists(Question.objects.filter(accepted_answer=OuterRef("pk"))),
        ).select_related("author")


def own_vote(post: str, user: User) -> Coalesce:
    mine = Vote.objects.filter(**{post: OuterRef("pk")}, user=user)
    return Coalesce(Subquery(mine.values("value")), Value(0))


class Question(models.Model):
    """`ticket`: the closed one that it was made from. `score`: up votes less down votes.

    `updated_at`: when it was asked, corrected, answered, or an answer accepted. `votes_told_at`: when its author was
    last told of votes, so that many of a minute are told at once.
    """

    author = models.ForeignKey(User, on_delete=models.PROTECT, related_name="questions")
    title = models.CharField(max_length=200)
    body = models.TextField(max_length=20_000)
    tags = models.ManyToManyField(Tag, blank=True, related_name="questions")
    ticket = models.ForeignKey(Ticket, null=True, blank=True, on_delete=models.SET_NULL, related_name="questions")
    accepted_answer = models.OneToOneField(
        "Answer", null=True, blank=True, on_delete=models.SET_NULL, related_name="accepted_for"
    )
    score = models.IntegerField(default=0)
    answers_count = models.PositiveIntegerField(default=0)
    votes_told_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()

    objects = QuestionQuerySet.as_manager()

    # Set by shown_to().
    my_vote: int
    is_answered_by_others: bool
    shows_ticket: bool

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(name="question_asks_something", condition=~Q(title="") & ~Q(body="")),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def url(self) -> str:
        return f"/api/questions/{self.pk}/"


class Answer(models.Model):
    question = models.ForeignKey(Question, on_delete=models.CASCADE, related_name="answers")
    author = models.ForeignKey(User, on_delete=models.PROTECT, related_name="answers")
    body = models.TextField(max_length=20_000)
    score = models.IntegerField(default=0)
    votes_told_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()

    objects = AnswerQuerySet.as_manager()

    # Set by shown_to().
    my_vote: int
    asker_id: int
    is_accepted: bool

    class Meta:
        ordering = ["id"]
        constraints = [models.CheckConstraint(name="answer_says_something", condition=~Q(body=""))]

    def __str__(self) -> str:
        return f"answer {self.pk}"

    @property
    def url(self) -> str:
        return f"/api/answers/{self.pk}/"


class Vote(models.Model):
    """What somebody thinks of a question or an answer: 1, -1, or 0 once taken back.

    `is_told`: its author has been told of this person's vote, and is not again; `waits_since`: it is to be, with
    others of the same minute.
    """

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="votes")
    question = models.ForeignKey(Question, null=True, blank=True, on_delete=models.CASCADE, related_name="votes")
    answer = models.ForeignKey(Answer, null=True, blank=True, on_delete=models.CASCADE, related_name="votes")
    value = models.SmallIntegerField()
    is_told = models.BooleanField(default=False)
    waits_since = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user", "question"], name="one_vote_a_question"),
            models.UniqueConstraint(fields=["user", "answer"], name="one_vote_an_answer"),
            models.CheckConstraint(name="vote_up_or_down", condition=Q(value__in=[-1, 0, 1])),
            models.CheckConstraint(
                name="vote_on_one_thing",
                condition=Q(question__isnull=False, answer=None) | Q(question=None, answer__isnull=False),
            ),
        ]
        indexes = [
            models.Index(fields=["waits_since"], name="votes_to_tell", condition=Q(waits_since__isnull=False)),
        ]

    def __str__(self) -> str:
        return f"{self.value:+d} by user {self.user_id}"
