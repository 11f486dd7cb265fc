"""What people say to each other: two of them, or all who see a ticket."""

from django.db import models
from django.db.models import F, Q

from core.models.ticket import Ticket
from core.models.user import User


class ConversationQuerySet(models.QuerySet["Conversation"]):
    def visible_to(self, user: User) -> "ConversationQuerySet":
        """Those that `user` is a member of: its own direct ones, and the rooms of the tickets it sees."""
        own = Q(low=user) | Q(high=user)
        return self.filter(own | Q(ticket__in=Ticket.objects.visible_to(user).order_by().values("pk")))


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


class ReadMarker(models.Model):
    """How far somebody has read a conversation: up to the message with this id; `unread`: how many came since.

    Written under the lock of the person's Feed.
    """

    conversation = models.ForeignKey(
        Conversation, on_delete=models.CASCADE, related_name="read_markers", db_index=False
    )
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    read_up_to = models.PositiveBigIntegerField(default=0)
    unread = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["conversation", "user"], name="one_marker_each")]

    def __str__(self) -> str:
        return f"user {self.user_id} in conversation {self.conversation_id}"
