"""The first answer to a request with an Idempotency-Key, kept so that repeating it does nothing again."""

from django.db import models
from django.db.models import Q

from core.models.user import User


class StoredAnswer(models.Model):
    """`fingerprint` is of method, path and body. Without a `status_code` the first request is under way,
    at most until `locked_until`: then its process died, and nothing of it was committed.
    """

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+", db_index=False)
    key = models.CharField(max_length=255)
    fingerprint = models.CharField(max_length=64)
    locked_until = models.DateTimeField()
    status_code = models.PositiveSmallIntegerField(null=True, blank=True)
    headers = models.JSONField(default=dict)
    body = models.TextField(blank=True)
    created_at = models.DateTimeField(db_index=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user", "key"], name="one_answer_for_each_key"),
            models.CheckConstraint(name="key_is_given", condition=~Q(key="")),
        ]

    def __str__(self) -> str:
        return f"answer {self.pk}"
