"""The first answer to a request with an Idempotency-Key, kept so that repeating it does nothing again."""

from django.db import models
from django.db.models import Q

from core.models.user import User


class StoredAnswer(models.Model):
    """Without a `status_code` a request is under way (it holds the row's lock), or nothing came of it.

    `fingerprint` is of the answered request: its method, path and body.
    """

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+", db_index=False)
    key = models.CharField(max_length=255)
    fingerprint = models.CharField(max_length=64, blank=True)
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
