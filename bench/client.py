"""A signed-in client on one connection that stays open."""

import json
from collections.abc import Mapping
from http.client import HTTPConnection
from typing import Any

from core.actions import sessions
from core.models import User


def access(user: User) -> str:
    """A token of a session of its own."""
    return sessions.start(user=user).access


class Client:
    def __init__(self, port: int, token: str, scheme: str = "Bearer") -> None:
        self.connection = HTTPConnection("127.0.0.1", port, timeout=30)
        self.headers = {"Authorization": f"{scheme} {token}", "Content-Type": "application/json"}

    def call(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> Any:
        self.connection.request(method, path, json.dumps(body) if body is not None else None, self.headers)
        response = self.connection.getresponse()
        answer = response.read()
        if response.status >= 300:
            raise RuntimeError(f"{method} {path}: {response.status} {answer[:300]!r}")
        return json.loads(answer)
