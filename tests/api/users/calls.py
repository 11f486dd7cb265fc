"""What tests of /api/users/ share: who is refused, and that a refusal leaves not a trace."""

from collections.abc import Callable
from typing import Any

from core.models import NotificationLog, Session, User, Watch
from tests.openapi import ApiClient

URL = "/api/users/"
NOBODY = 999_999


def url(user: User | int, what: str = "") -> str:
    key = user if isinstance(user, int) else user.pk
    return f"{URL}{key}/{what}/" if what else f"{URL}{key}/"


def traces() -> list[Any]:
    return [list(model._default_manager.order_by("pk").values()) for model in (User, Session, NotificationLog, Watch)]


def refused(code: int, call: Callable[..., Any], *arguments: Any, **options: Any) -> Any:
    """The body of the refusal, which changed nothing and told nobody."""
    before = traces()
    response = call(*arguments, **options)
    assert response.status_code == code, response.content
    assert traces() == before
    return response.json()


def only_for_admins(call: Callable[[ApiClient], Callable[..., Any]], api: Any, others: list[User], path: str) -> None:
    """401 without signing in, 403 for the others, whatever they send and whether or not the person exists."""
    body = {"nonsense": 1}
    assert refused(401, call(ApiClient()), path, body)["code"] == "not_authenticated"
    for user in others:
        client = api(user)
        assert refused(403, call(client), path, body)["code"] == "permission_denied"
