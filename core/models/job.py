"""Work that takes longer than a request: what was asked for, how far it is, and what came of it."""

from django.db import models
from django.db.models import Q

from core.models.user import User


class JobRun(models.Model):
    """RUNNING ones belong to the holder of `token` until `lease_until`; then another worker goes on from `cursor`.

    `params`: what was asked for. `upload`: the file that came with it. `result` is kept until `expires_at`.
    """

    class Status(models.TextChoices):
        PENDING = "PENDING"
        RUNNING = "RUNNING"
        SUCCEEDED = "SUCCEEDED"
        FAILED = "FAILED"
        CANCELLED = "CANCELLED"

    owner = models.ForeignKey(User, on_delete=models.CASCADE, related_name="jobs", db_index=False)
    name = models.CharField(max_length=32)
    status = models.CharField(max_length=16, choices=Status.choices, default=Status.PENDING)
    progress = models.PositiveSmallIntegerField(default=0)
    message = models.CharField(max_length=300, blank=True)
    params = models.JSONField(default=dict)
    upload = models.FileField(max_length=200, blank=True)
    cursor = models.JSONField(default=dict)
    cancel_requested = models.BooleanField(default=False)
    attempts = models.PositiveSmallIntegerField(default=0)
    token = models.UUIDField(null=True, blank=True)
    lease_until = models.DateTimeField(null=True, blank=True)
    result = models.FileField(max_length=200, blank=True)
    result_name = models.CharField(max_length=150, blank=True)
    result_type = models.CharField(max_length=100, blank=True)
    created_at = models.DateTimeField()
    started_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)
    expires_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                name="job_status_known",
                condition=Q(status__in=["PENDING", "RUNNING", "SUCCEEDED", "FAILED", "CANCELLED"]),
            ),
            models.CheckConstraint(name="job_progress_in_per_cent", condition=Q(progress__lte=100)),
            models.CheckConstraint(
                name="only_running_jobs_are_leased",
                condition=Q(status="RUNNING", lease_until__isnull=False, token__isnull=False)
                | ~Q(status="RUNNING") & Q(lease_until=None, token=None),
            ),
        ]
        indexes = [
            models.Index(fields=["owner", "-id"], name="jobs_of_a_person"),
            models.Index(
                fields=["lease_until"], name="jobs_unfinished", condition=Q(status__in=["PENDING", "RUNNING"])
            ),
            models.Index(fields=["expires_at"], name="jobs_to_expire", condition=Q(expires_at__isnull=False)),
        ]

    def __str__(self) -> str:
        return f"{self.name} {self.pk}"


class JobRow(models.Model):
    """What became of one row of a job, written in the transaction of what was done: so none is done twice.

    `key`: what the row is about, such as a ticket's id or the number of a line. `detail`: why it failed.
    """

    job = models.ForeignKey(JobRun, on_delete=models.CASCADE, related_name="rows", db_index=False)
    position = models.PositiveIntegerField()
    key = models.BigIntegerField()
    is_done = models.BooleanField(default=False)
    detail = models.JSONField(default=dict)

    class Meta:
        ordering = ["position"]
        constraints = [models.UniqueConstraint(fields=["job", "position"], name="one_outcome_a_row")]

    def __str__(self) -> str:
        return f"row {self.position} of job {self.job_id}"
