"""Tickets and who works on them. The constraints refuse rows no verb would write."""

from django.db import models
from django.db.models import F, Q
from django.db.models.expressions import RawSQL
from django.db.models.functions import Upper

from core.models.choices import PAUSED, Category, Priority, Role, Status
from core.models.tag import Tag
from core.models.user import User

WORKED_ON = [Status.IN_PROGRESS, Status.RESOLVED, Status.CLOSED]
SHOWN = ["username", "first_name", "last_name"]  # of people, in a ticket's JSON
UNSHOWN = [f"created_by__{one.name}" for one in User._meta.concrete_fields if one.name not in ["id", *SHOWN]]

# By hand: as expressions they take the ORM longer to write than the database to answer. Who asks is a parameter.
WATCHERS = "SELECT COUNT(*) FROM core_watch WHERE ticket_id = core_ticket.id"
IS_WATCHING = "EXISTS (SELECT 1 FROM core_watch WHERE ticket_id = core_ticket.id AND user_id = %s)"
IS_MUTED = "EXISTS (SELECT 1 FROM core_mute WHERE ticket_id = core_ticket.id AND user_id = %s)"


class TicketQuerySet(models.QuerySet["Ticket"]):
    def visible_to(self, user: User) -> "TicketQuerySet":
        """The tickets `user` may see: ADMIN all, DEVELOPER those it works on or watches, CLIENT its own."""
        present = self.filter(deleted_at=None)
        if user.role == Role.ADMIN:
            return present
        if user.role == Role.DEVELOPER:
            assigned = user.assignments.order_by().values("ticket")
            return present.filter(pk__in=assigned.union(user.watches.order_by().values("ticket")))
        return present.filter(created_by=user)

    def with_people(self, user: User) -> "TicketQuerySet":
        """Load what a ticket's JSON for `user` needs, but for with_workers_and_labels()."""
        return (
            self.annotate(  # type: ignore[no-redef]  # declared below, for readers
                watchers_count=RawSQL(WATCHERS, [], models.IntegerField()),  # noqa: S611
                is_watching=RawSQL(IS_WATCHING, [user.pk], models.BooleanField()),  # noqa: S611
                is_muted=RawSQL(IS_MUTED, [user.pk], models.BooleanField()),  # noqa: S611
            )
            .select_related("created_by")
            .defer(*UNSHOWN)
        )


class Ticket(models.Model):
    """`paused_at`: since when the SLA clocks stand; `deleted_at`: since when nobody sees it any more.

    `paused_at` counts while the status is one of PAUSED; the release before this one leaves it behind.
    """

    title = models.CharField(max_length=200)
    description = models.TextField(max_length=20_000)
    project_name = models.CharField(max_length=120, blank=True)
    category = models.CharField(max_length=16, choices=Category.choices, default=Category.OTHER)
    priority = models.CharField(max_length=16, choices=Priority.choices, default=Priority.MEDIUM)
    status = models.CharField(max_length=16, choices=Status.choices, default=Status.NEW)
    created_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="tickets", db_index=False)
    assigned_to = models.ManyToManyField(
        User, through="Assignment", through_fields=("ticket", "user"), related_name="assigned_tickets"
    )
    tags = models.ManyToManyField(Tag, blank=True, related_name="tickets")
    response_due_at = models.DateTimeField(null=True, blank=True)
    first_responded_at = models.DateTimeField(null=True, blank=True)
    resolution_due_at = models.DateTimeField(null=True, blank=True)
    estimated_resolution_time = models.DateTimeField(null=True, blank=True)
    opened_at = models.DateTimeField(null=True, blank=True)
    started_at = models.DateTimeField(null=True, blank=True)
    resolved_at = models.DateTimeField(null=True, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)
    paused_at = models.DateTimeField(null=True, blank=True)
    deleted_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()
    version = models.PositiveIntegerField(default=1)

    objects = TicketQuerySet.as_manager()

    # Set by just_made(), or else the first two by with_workers_and_labels() and the others by with_people().
    workers: list[User]
    labels: list[str]
    watchers_count: int
    is_watching: bool
    is_muted: bool

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(name="ticket_status_known", condition=Q(status__in=Status.values)),
            models.CheckConstraint(name="ticket_priority_known", condition=Q(priority__in=Priority.values)),
            models.CheckConstraint(name="ticket_category_known", condition=Q(category__in=Category.values)),
            models.CheckConstraint(name="ticket_has_title", condition=~Q(title="")),
            models.CheckConstraint(
                name="ticket_opened_unless_new",
                condition=Q(status=Status.NEW, opened_at=None)
                | Q(status=Status.CANCELLED)
                | Q(opened_at__isnull=False) & ~Q(status=Status.NEW),
            ),
            models.CheckConstraint(
                name="ticket_started_when_worked_on", condition=~Q(status__in=WORKED_ON) | Q(started_at__isnull=False)
            ),
            models.CheckConstraint(
                name="ticket_resolved_when_resolved",
                condition=~Q(status__in=[Status.RESOLVED, Status.CLOSED]) | Q(resolved_at__isnull=False),
            ),
            models.CheckConstraint(
                name="ticket_closed_when_closed",
                condition=Q(status=Status.CLOSED, closed_at__isnull=False)
                | ~Q(status=Status.CLOSED) & Q(closed_at__isnull=True),
            ),
            models.CheckConstraint(
                name="ticket_paused_when_it_waits",
                condition=~Q(status__in=PAUSED) | Q(paused_at__isnull=False),
            ),
            models.CheckConstraint(
                name="ticket_estimate_before_due",
                condition=Q(resolution_due_at=None)
                | Q(estimated_resolution_time=None)
                | Q(estimated_resolution_time__lte=F("resolution_due_at")),
            ),
            models.CheckConstraint(name="ticket_version_counts", condition=Q(version__gte=1)),
        ]
        indexes = [
            models.Index(fields=["status", "-id"], name="ticket_by_status"),
            models.Index(fields=["created_by", "-id"], name="ticket_by_creator"),
            models.Index(fields=["resolution_due_at"], name="ticket_by_due"),
            models.Index(Upper("project_name"), name="ticket_by_project"),
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.title}"

    def just_made(self, *, tagged: bool) -> "Ticket":
        """Nobody works on it or watches it yet: its JSON need not ask who, nor for tags when it has none."""
        self.workers, self.labels = [], list(self.tags.values_list("name", flat=True)) if tagged else []
        self.watchers_count, self.is_watching, self.is_muted = 0, False, False
        return self

    @property
    def number(self) -> str:
        """What people call the ticket, such as INC-000123."""
        return f"INC-{self.pk:06d}"


class Assignment(models.Model):
    """One developer on one ticket."""

    ticket = models.ForeignKey(Ticket, on_delete=models.CASCADE, related_name="assignments", db_index=False)
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="assignments")
    assigned_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    assigned_at = models.DateTimeField()

    class Meta:
        ordering = ["id"]
        constraints = [models.UniqueConstraint(fields=["ticket", "user"], name="assigned_once")]

    def __str__(self) -> str:
        return f"{self.user} on {self.ticket}"
