"""One of the demo people: signed in, with an open socket whose frames are collected."""

import json
import threading
import time
from contextlib import ExitStack
from types import TracebackType
from typing import Any

import requests
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect

PASSWORD = "demo-password"  # noqa: S105 - known to everybody
TIMEOUT = 10

About = tuple[str, int]  # the type and the id of what something is about


class StoryFailed(Exception):
    """What was missing, late or extra."""


class Person:
    """To be used in a `with` statement, which closes the socket."""

    def __init__(self, base: str, username: str) -> None:
        self.base, self.username = base, username
        self.http = requests.Session()
        answer = self.call("POST", "/api/auth/login/", {"username": username, "password": PASSWORD})
        self.id: int = answer["user"]["id"]
        self.email: str = answer["user"]["email"]
        self.phone: str = answer["user"]["phone_number"]
        self.http.headers["Authorization"] = f"Bearer {answer['access']}"
        self.frames: list[tuple[float, dict[str, Any]]] = []
        address = f"{base.replace('http', 'ws', 1)}/ws/notifications/?token={answer['access']}"
        self.stack = ExitStack()
        self.stack.enter_context(self.http)
        self.socket = self.stack.enter_context(connect(address, open_timeout=TIMEOUT, proxy=None))
        threading.Thread(target=self.listen, daemon=True).start()

    def __enter__(self) -> "Person":
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.stack.close()

    def call(self, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
        """The JSON answer; anything but 2xx ends the story."""
        response = self.http.request(method, self.base + path, json=body, timeout=TIMEOUT)
        if not response.ok:
            raise StoryFailed(f"{self.username}: {method} {path} answered {response.status_code}: {response.text}")
        return response.json()

    def download(self, path: str) -> str:
        response = self.http.get(self.base + path, timeout=TIMEOUT)
        if not response.ok:
            raise StoryFailed(f"{self.username}: GET {path} answered {response.status_code}: {response.text}")
        return response.text

    def listen(self) -> None:
        try:
            for text in self.socket:
                self.frames.append((time.monotonic(), json.loads(text)))
        except ConnectionClosed:
            pass  # what is missing is found by the checks

    def inbox(self, about: About) -> list[dict[str, Any]]:
        """Everything this person was told about something, oldest first."""
        kind, key = about
        query = f"resource_type={kind}&resource_id={key}&page_size=100"
        return list(reversed(self.call("GET", f"/api/notifications/?{query}")["results"]))

    def frames_of(self, about: About) -> list[tuple[float, dict[str, Any]]]:
        return [
            (at, frame)
            for at, frame in list(self.frames)
            if (frame.get("resource_type"), frame.get("resource_id")) == about
        ]
