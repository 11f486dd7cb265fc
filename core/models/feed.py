"""One row per person: the position of its inbox and its unread counts, changed under one lock."""

from django.db import models

from core.models.user import User


class Feed(models.Model):
    """`top_seq` is the last position given out; every change to the inbox takes the next one.

    A notification is unread when its row says so and its `unread_seq` is above `read_up_to`, the
    position of the last read-all; the rows below are folded afterwards with that read-all's
    position and time. `unread` is `{notification_type: {event: count}}`.

    `inbox_count` is how many rows the inbox shows, archived ones left out, as long as `counted_seq` is `top_seq`;
    whoever changes an inbox without counting (the release before these columns) makes it stale by that.

    Positions of another `epoch` mean nothing any more: the database was restored from a backup. Up to `min_seq`
    notifications may have been deleted for age. `state_at` is the last timestamp given out for what clients poll as
    state, `unread_at` that of the unread count (seconds since 1970, strictly rising).
    """

    user = models.OneToOneField(User, on_delete=models.CASCADE, primary_key=True, related_name="feed")
    top_seq = models.PositiveBigIntegerField(default=0)
    read_up_to = models.PositiveBigIntegerField(default=0)
    folded_up_to = models.PositiveBigIntegerField(default=0)
    read_all_seq = models.PositiveBigIntegerField(default=0)
    read_all_at = models.DateTimeField(null=True, blank=True)
    unread = models.JSONField(default=dict)
    inbox_count = models.PositiveBigIntegerField(null=True, blank=True)
    counted_seq = models.PositiveBigIntegerField(null=True, blank=True)
    epoch = models.CharField(max_length=16, default="0", db_default="0")
    min_seq = models.PositiveBigIntegerField(default=0, db_default=0)
    state_at = models.FloatField(default=0, db_default=0)
    unread_at = models.FloatField(default=0, db_default=0)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="feed_positions_in_order",
                condition=models.Q(folded_up_to__lte=models.F("read_up_to"), read_up_to__lte=models.F("top_seq")),
            )
        ]
        indexes = [
            models.Index(
                fields=["user"],
                name="feed_to_fold",
                condition=models.Q(folded_up_to__lt=models.F("read_up_to")),
            )
        ]

    def __str__(self) -> str:
        return f"feed of user {self.pk} at {self.top_seq}"
