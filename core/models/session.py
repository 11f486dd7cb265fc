"""Sign-ins. A session is one family of rotating refresh tokens; each is one row and is spent once."""

import uuid

from django.db import models

from core.models.user import User


class Session(models.Model):
    """One sign-in on one device. Access tokens carry its id; ending it ends them all at once."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="sessions")
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField(db_index=True)
    ended_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"session {self.pk}"


class RefreshToken(models.Model):
    """One refresh token, by its `jti`. Spending it is a conditional update, so one of N uses wins."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    session = models.ForeignKey(Session, on_delete=models.CASCADE, related_name="refresh_tokens")
    created_at = models.DateTimeField(auto_now_add=True, db_index=True)
    spent_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"refresh token {self.pk}"
