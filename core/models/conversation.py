"""What people say to each other: two of them, or all who see a ticket."""

from collections.abc import Sequence

from django.db import models
from django.db.models import Exists, F, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce

from core.models.choices import Role
from core.models.follow import Watch
from core.models.ticket import Assignment, Ticket
from core.models.user import User


class ConversationQuerySet(models.QuerySet["Conversation"]):
    def visible_to(self, user: User) -> "ConversationQuerySet":
        """Those that `user` is a member of: its own direct ones, and the rooms of the tickets it sees."""
        own = Q(low=user) | Q(high=user)
        return self.filter(own | Q(ticket__in=Ticket.objects.visible_to(user).order_by().values("pk")))

    def with_what_is_shown(self, user: User) -> "ConversationQuerySet":
        """Load what a conversation's JSON for `user` needs, but for with_last_messages(); newest activity first."""
        last = ConversationMessage.objects.filter(conversation=OuterRef("pk")).order_by("-pk").values("pk")[:1]
        unread = ReadMarker.objects.filter(conversation=OuterRef("pk"), user=user).values("unread")
        return (
            self.select_related("low", "high", "ticket")
            .annotate(last_message_id=Subquery(last), unread=Coalesce(Subquery(unread), 0))  # type: ignore[no-redef]
            .order_by(Coalesce("last_message_at", "created_at").desc(), "-pk")
        )


class Conversation(models.Model):
    """The room of a `ticket`, or between `low` and `high`: two people, the one with the lower id first.

    Nobody is put into a room: whoever sees its ticket is a member, as long as it does.
    """

    ticket = models.OneToOneField(Ticket, null=True, blank=True, on_delete=models.CASCADE, related_name="conversation")
    low = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+", db_index=False)
    high = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField()
    last_message_at = models.DateTimeField(null=True, blank=True)

    objects = ConversationQuerySet.as_manager()

    # Set by with_what_is_shown(), and the last by with_last_messages().
    unread: int
    last_message_id: int | None
    last_message: "ConversationMessage | None"

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(fields=["low", "high"], name="one_conversation_of_two"),
            models.CheckConstraint(
                name="conversation_of_two_or_of_a_ticket",
                condition=Q(ticket__isnull=False, low=None, high=None)
                | Q(ticket=None, low__isnull=False, high__isnull=False, low__lt=F("high")),
            ),
        ]

    def __str__(self) -> str:
        return f"conversation {self.pk}"

    @property
    def url(self) -> str:
        """Where the API shows it."""
        return f"/api/conversations/{self.pk}/"

    def other(self, user: User) -> User | None:
        """Whom `user` talks to, if it is not the room of a ticket."""
        return self.high if self.low_id == user.pk else self.low


def with_last_messages(conversations: Sequence[Conversation]) -> Sequence[Conversation]:
    """Set what was said last in each."""
    found = ConversationMessage.objects.select_related("author").in_bulk(
        [one.last_message_id for one in conversations if one.last_message_id]
    )
    for one in conversations:
        one.last_message = found.get(one.last_message_id or 0)
    return conversations


class ConversationMessage(models.Model):
    """A deleted one keeps its place, without its text."""

    conversation = models.ForeignKey(Conversation, on_delete=models.CASCADE, related_name="messages", db_index=False)
    author = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    body = models.TextField(max_length=4_000, blank=True)
    created_at = models.DateTimeField()
    edited_at = models.DateTimeField(null=True, blank=True)
    deleted_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(
                name="message_says_something_unless_deleted",
                condition=Q(deleted_at=None) & ~Q(body="") | Q(deleted_at__isnull=False, body=""),
            )
        ]
        indexes = [models.Index(fields=["conversation", "id"], name="messages_in_order")]

    def __str__(self) -> str:
        return f"message {self.pk}"


class ReadMarkerQuerySet(models.QuerySet["ReadMarker"]):
    def in_sight(self) -> "ReadMarkerQuerySet":
        """Those of conversations that their people are still members of."""
        mine = {"ticket": OuterRef("conversation__ticket"), "user": OuterRef("user")}
        works_on_it = Exists(Assignment.objects.filter(**mine)) | Exists(Watch.objects.filter(**mine))
        sees = (
            Q(user__role=Role.ADMIN)
            | Q(user__role=Role.CLIENT, conversation__ticket__created_by=F("user"))
            | Q(user__role=Role.DEVELOPER) & works_on_it
        )
        return self.filter(Q(conversation__ticket=None) | Q(conversation__ticket__deleted_at=None) & sees)


class ReadMarker(models.Model):
    """How far somebody has read a conversation: up to the message with this id; `unread`: how many of others, and not
    deleted, came since. Without one nothing has come yet since this person is a member.

    Written under the lock of the person's Feed. While its person is no member it stands still.
    """

    conversation = models.ForeignKey(
        Conversation, on_delete=models.CASCADE, related_name="read_markers", db_index=False
    )
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    read_up_to = models.PositiveBigIntegerField(default=0)
    unread = models.PositiveIntegerField(default=0)

    objects = ReadMarkerQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["conversation", "user"], name="one_marker_each")]

    def __str__(self) -> str:
        return f"user {self.user_id} in conversation {self.conversation_id}"
