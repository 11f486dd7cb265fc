"""The closed sets of values; the database refuses any other (see each model's constraints)."""

from django.db import models


class Role(models.TextChoices):
    ADMIN = "ADMIN"
    DEVELOPER = "DEVELOPER"
    CLIENT = "CLIENT"


class Status(models.TextChoices):
    NEW = "NEW"
    OPEN = "OPEN"
    IN_PROGRESS = "IN_PROGRESS", "In progress"
    ON_HOLD = "ON_HOLD", "On hold"
    RESOLVED = "RESOLVED"
    CLOSED = "CLOSED"
    CANCELLED = "CANCELLED"


PAUSED = [Status.ON_HOLD, Status.CANCELLED]  # here the clocks stand
RUNNING = frozenset({Status.NEW, Status.OPEN, Status.IN_PROGRESS})  # and here they run until it is done


class Priority(models.TextChoices):
    LOW = "LOW"
    MEDIUM = "MEDIUM"
    HIGH = "HIGH"
    CRITICAL = "CRITICAL"


class Category(models.TextChoices):
    BUG = "BUG"
    FEATURE = "FEATURE"
    SUPPORT = "SUPPORT"
    INCIDENT = "INCIDENT"
    OTHER = "OTHER"


class Reason(models.TextChoices):
    """Why a person is told."""

    ASSIGNED = "assigned"
    CREATOR = "creator"
    ADMIN = "admin"
    WATCHER = "watcher"
    MENTIONED = "mentioned"
    MEMBER = "member"


class DeliveryStatus(models.TextChoices):
    """State of one notification on one channel. SENT: the provider took it."""

    PENDING = "PENDING"
    SENDING = "SENDING"
    SENT = "SENT"
    DELIVERED = "DELIVERED"
    READ = "READ"
    FAILED = "FAILED"
    SKIPPED = "SKIPPED"
    CANCELLED = "CANCELLED"
    UNKNOWN = "UNKNOWN"


class AttemptOutcome(models.TextChoices):
    """How one try to send ended; an attempt without an outcome was cut off by a crash."""

    SENT = "SENT"
    TRANSIENT = "TRANSIENT"
    PERMANENT = "PERMANENT"
    MISCONFIGURED = "MISCONFIGURED"
    AMBIGUOUS = "AMBIGUOUS"
    UNKNOWN = "UNKNOWN"
