"""One row per notification and channel: the inbox entry (SYSTEM) and the queue of what leaves."""

import secrets
from collections.abc import Sequence

from django.db import models
from django.db.models import F, Q

from core.models.choices import DeliveryStatus, Reason
from core.models.ticket import Ticket
from core.models.user import User

SYSTEM = "SYSTEM"
TICKET = "ticket"


def about(resource_type: str, resource_id: int) -> Q:
    """What is about this resource: of a ticket, found by its key."""
    same = Q(resource_type=resource_type, resource_id=resource_id)
    return same & Q(ticket=resource_id) if resource_type == TICKET else same


def make_link_key() -> str:
    """The unguessable part of a delivery's own link (128 bits)."""
    return secrets.token_urlsafe(16)


class NotificationLog(models.Model):
    """`notification` is shared by all channels' rows of one event and recipient.

    `notification_type` is a channel's key; the registry knows them, so a new channel needs no
    migration. `ticket_snapshot` and `actor` are as they were then. PENDING rows are due at
    `next_attempt_at`; SENDING rows belong to the holder of `attempt_token` until `lease_until`.

    A row that is `carried_by` another is said in that one's message (a digest, or many comments at once): it waits,
    put off by more than a day, and ends as that one ends. Not delivered by `fallback_at`, the e-mail that was not
    wanted goes after all: `is_fallback`.
    """

    recipient = models.ForeignKey(User, on_delete=models.CASCADE, related_name="notifications", db_index=False)
    notification = models.UUIDField()
    dedupe_key = models.CharField(max_length=120)
    notification_type = models.CharField(max_length=16)
    event = models.CharField(max_length=64)
    reason = models.CharField(max_length=16, choices=Reason.choices)
    resource_type = models.CharField(max_length=32)
    resource_id = models.BigIntegerField()
    url = models.CharField(max_length=200)
    subject = models.CharField(max_length=300)
    message = models.TextField()
    ticket = models.ForeignKey(Ticket, null=True, blank=True, on_delete=models.SET_NULL, related_name="notifications")
    ticket_snapshot = models.JSONField(null=True, blank=True)
    actor = models.JSONField(null=True, blank=True)
    is_internal = models.BooleanField(default=False, db_default=False)
    is_critical = models.BooleanField(default=False, db_default=False)
    created_at = models.DateTimeField()

    seq = models.PositiveBigIntegerField()
    changed_seq = models.PositiveBigIntegerField()
    unread_seq = models.PositiveBigIntegerField()
    is_read = models.BooleanField(default=False)
    read_at = models.DateTimeField(null=True, blank=True)
    is_archived = models.BooleanField(default=False)

    status = models.CharField(max_length=16, choices=DeliveryStatus.choices, default=DeliveryStatus.PENDING)
    next_attempt_at = models.DateTimeField(null=True, blank=True)
    lease_until = models.DateTimeField(null=True, blank=True)
    attempt_token = models.UUIDField(null=True, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    sent_at = models.DateTimeField(null=True, blank=True)
    delivered_at = models.DateTimeField(null=True, blank=True)
    provider_id = models.CharField(max_length=255, blank=True)
    error = models.CharField(max_length=64, blank=True)
    link_key = models.CharField(max_length=32, unique=True, default=make_link_key)
    carried_by = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.SET_NULL, related_name="carried", db_index=False
    )
    fallback_at = models.DateTimeField(null=True, blank=True)
    is_fallback = models.BooleanField(default=False, db_default=False)

    deliveries: list["NotificationLog"]  # set by notifications.deliveries.complete()
    crew: Sequence["NotificationLog"] = ()  # what a claimed row carries; set by the second look

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["recipient", "notification_type", "dedupe_key"], name="one_event_is_one_message"
            ),
            models.UniqueConstraint(
                fields=["recipient", "seq"], name="one_position_each", condition=Q(notification_type=SYSTEM)
            ),
            models.CheckConstraint(name="delivery_status_known", condition=Q(status__in=DeliveryStatus.values)),
            models.CheckConstraint(
                name="pending_has_a_time", condition=~Q(status="PENDING") | Q(next_attempt_at__isnull=False)
            ),
            models.CheckConstraint(
                name="only_sending_is_leased",
                condition=Q(status="SENDING", lease_until__isnull=False, attempt_token__isnull=False)
                | ~Q(status="SENDING") & Q(lease_until=None, attempt_token=None),
            ),
        ]
        indexes = [
            models.Index(fields=["recipient", "-id"], name="inbox", condition=Q(notification_type=SYSTEM)),
            models.Index(
                fields=["recipient", "-id"], name="inbox_unread", condition=Q(notification_type=SYSTEM, is_read=False)
            ),
            models.Index(fields=["recipient", "unread_seq"], name="to_fold", condition=Q(is_read=False)),
            models.Index(
                # Not of rows that never changed, so that writing one costs nothing more.
                fields=["recipient", "changed_seq"],
                name="changed_later",
                condition=Q(notification_type=SYSTEM, changed_seq__gt=F("seq")),
            ),
            models.Index(fields=["notification"], name="rows_of_a_notification"),
            models.Index(
                # What is about a ticket is found by that.
                fields=["recipient", "resource_type", "resource_id"],
                name="about_something_else",
                condition=~Q(resource_type="ticket"),
            ),
            models.Index(fields=["notification_type", "next_attempt_at"], name="due", condition=Q(status="PENDING")),
            models.Index(fields=["notification_type", "lease_until"], name="leased", condition=Q(status="SENDING")),
            models.Index(
                fields=["notification_type", "next_attempt_at"],
                name="due_first",
                condition=Q(status="PENDING", is_critical=True),
            ),
            models.Index(
                fields=["recipient", "notification_type"], name="waiting_for_person", condition=Q(status="PENDING")
            ),
            models.Index(fields=["carried_by"], name="carried", condition=Q(carried_by__isnull=False)),
            models.Index(fields=["fallback_at"], name="to_fall_back", condition=Q(fallback_at__isnull=False)),
            models.Index(
                fields=["provider_id"],
                name="by_provider_id",
                condition=Q(notification_type="WHATSAPP") & ~Q(provider_id=""),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.event} to user {self.recipient_id} by {self.notification_type}"
