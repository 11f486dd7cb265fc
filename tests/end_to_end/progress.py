"""How far somebody's tasks have come, as each of the three transports tells it; nothing for whatever else is told, of
which the first is that it is connected."""

import json
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from itertools import chain
from threading import Barrier
from typing import Any

import requests
from websockets.sync.client import connect

Told = list[dict[str, Any]]
Transport = Callable[[str, str], Iterator[Told]]

INBOX = "/api/notifications/"
PATIENCE = 120.0  # seconds, of silence or until a task has ended
PAUSE = 0.05  # seconds between two polls
DONE = 100


def by_socket(url: str, token: str) -> Iterator[Told]:
    address = f"{url.replace('http', 'ws', 1)}/ws/notifications/?v=2&token={token}"
    with connect(address, proxy=None) as socket:
        newest = 0.0
        while True:
            frame = json.loads(socket.recv(timeout=PATIENCE))
            if frame["type"] == "task_progress":
                assert frame["timestamp"] > newest
                newest = frame["timestamp"]
            yield frame.get("tasks", [])


def by_stream(url: str, token: str) -> Iterator[Told]:
    with requests.get(f"{url}{INBOX}stream/?token={token}", stream=True, timeout=PATIENCE) as answer:
        name = ""
        for line in answer.iter_lines(chunk_size=1, decode_unicode=True):
            field, _, value = line.partition(": ")
            name = value if field == "event" else name
            if field == "data":
                yield json.loads(value)["tasks"] if name == "task_progress" else []


def by_polling(url: str, token: str) -> Iterator[Told]:
    headers, since = {"Authorization": f"Bearer {token}"}, 0.0
    is_told = False  # at first: what is told there is of tasks that have ended
    with requests.Session() as http:
        while True:
            values = http.get(f"{url}{INBOX}state/?since={since}", headers=headers, timeout=10).json()
            for value in values:
                assert value["timestamp"] > since
                since = value["timestamp"]
                if is_told and value["name"] == "task_progress":
                    yield value["data"]
            is_told = True
            yield []
            time.sleep(PAUSE)


TRANSPORTS: list[Transport] = [by_socket, by_stream, by_polling]


def watch(transport: Transport, url: str, token: str, ready: Barrier) -> dict[int, list[int]]:
    """What it tells of each task until one ends, but of those that had ended before; `ready` when it listens."""
    told = transport(url, token)
    assert next(told) == []
    ready.wait(PATIENCE)
    deadline = time.monotonic() + PATIENCE
    seen: dict[int, list[int]] = defaultdict(list)
    for tasks in told:
        assert time.monotonic() < deadline, seen
        for key, progress in ((task["task_id"], task["progress"]) for task in tasks):
            if key in seen or progress < DONE:
                seen[key].append(progress)
        if DONE in chain(*seen.values()):
            break
    return seen
