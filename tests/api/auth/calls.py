"""The calls that several of these files make, and moving rows in time."""

from datetime import timedelta
from typing import Any

from django.db.models import F
from rest_framework.test import APIClient

from core.models import LoginAttempt, RefreshToken, Session, User

PASSWORD = "demo-password"


def login(client: APIClient, username: str, password: str = PASSWORD, **extra: Any) -> Any:
    return client.post("/api/auth/login/", {"username": username, "password": password}, **extra)


def refresh(client: APIClient, token: str) -> Any:
    return client.post("/api/auth/refresh/", {"refresh": token})


def me(client: APIClient, access: str) -> Any:
    return client.get("/api/auth/me/", HTTP_AUTHORIZATION=f"Bearer {access}")


def fail(client: APIClient, username: str, *, times: int, **extra: Any) -> None:
    for _ in range(times):
        assert login(client, username, "wrong", **extra).status_code == 401


def attempts_move(by: timedelta) -> None:
    LoginAttempt.objects.update(at=F("at") + by)


def spent_moves(by: timedelta) -> None:
    RefreshToken.objects.exclude(spent_at=None).update(spent_at=F("spent_at") + by)


def sessions_of(user: User) -> list[Session]:
    """Those that have not ended."""
    return list(user.sessions.filter(ended_at=None))
