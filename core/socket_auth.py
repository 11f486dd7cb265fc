"""Who may open a socket: the Origin rule, the token or ticket, and no more than so many sockets a person."""

import asyncio
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any, TypeVar
from urllib.parse import parse_qs, urlsplit

from django.conf import settings
from django.db import close_old_connections
from django.http.request import split_domain_port, validate_host

from core.actions import one_time_tickets
from core.domain.errors import SignInRefused
from core.models import Session

CLOSE_PLANNED = 4000  # reconnect at once
CLOSE_BAD_FRAMES = 4400
CLOSE_UNAUTHENTICATED = 4401
CLOSE_FORBIDDEN = 4403
CLOSE_TOO_SLOW = 4408
CLOSE_TOO_MANY = 4409
CLOSE_TOO_FAST = 4429
MAX_SOCKETS = 20  # a person, in one process
BEARER = "bearer"

T = TypeVar("T")
# Not Django's one thread for all (django/channels#2132), and not so many that connections run out.
database_threads = ThreadPoolExecutor(max_workers=4, thread_name_prefix="socket-database")
open_sockets: Counter[int] = Counter()


class SocketRefused(Exception):
    def __init__(self, close_code: int) -> None:
        self.close_code = close_code
        super().__init__(str(close_code))


async def in_database(work: Callable[..., T], *args: Any, threads: ThreadPoolExecutor = database_threads) -> T:
    """Run database work off the event loop."""

    def run() -> T:
        close_old_connections()
        try:
            return work(*args)
        finally:
            close_old_connections()

    return await asyncio.get_running_loop().run_in_executor(threads, run)


def require_origin(scope: Mapping[str, Any]) -> None:
    """Raise SocketRefused for a page that is neither ours nor allowed."""
    if not origin_allowed(header(scope, "origin"), header(scope, "host") or ""):
        raise SocketRefused(CLOSE_FORBIDDEN)


def credential(scope: Mapping[str, Any]) -> str | None:
    """The access token or ticket it comes with: `token`, a bearer's header, or what follows the subprotocol bearer."""
    if given := query(scope).get("token"):
        return given[0]
    kind, _, token = (header(scope, "authorization") or "").partition(" ")
    if kind.lower() == BEARER:
        return token.strip()
    named: list[str] = scope.get("subprotocols", [])
    return named[1] if subprotocol(scope) and len(named) > 1 else None


def subprotocol(scope: Mapping[str, Any]) -> str | None:
    """What is agreed on with a browser, which can send a token in no other header: `bearer, <token>`."""
    return BEARER if scope.get("subprotocols", [])[:1] == [BEARER] else None


def query(scope: Mapping[str, Any]) -> dict[str, list[str]]:
    text: str = scope["query_string"].decode("latin-1")
    return parse_qs(text, keep_blank_values=True)


def header(scope: Mapping[str, Any], name: str) -> str | None:
    headers: Iterable[tuple[bytes, bytes]] = scope["headers"]
    return next((value.decode("latin-1") for key, value in headers if key.lower() == name.encode()), None)


async def admit(token: str) -> Session:
    """The session, with its person, of whoever may stay; raises SocketRefused with the close code."""
    try:
        _, session = await in_database(one_time_tickets.authenticate, token)
    except SignInRefused as error:
        raise SocketRefused(close_code(error)) from error
    return session


def close_code(refused: SignInRefused) -> int:
    return CLOSE_FORBIDDEN if refused.code == "user_inactive" else CLOSE_UNAUTHENTICATED


@contextmanager
def place(user_id: int) -> Iterator[None]:
    """Hold one of a person's places; raises SocketRefused when all are taken."""
    if open_sockets[user_id] >= MAX_SOCKETS:
        raise SocketRefused(CLOSE_TOO_MANY)
    open_sockets[user_id] += 1
    try:
        yield
    finally:
        open_sockets[user_id] -= 1
        if not open_sockets[user_id]:
            del open_sockets[user_id]


def origin_allowed(origin: str | None, host: str) -> bool:
    """Absent: a native client, fine (tokens are not ambient). Present: ours, or one that CORS allows."""
    if origin is None or origin in {*settings.CORS_ALLOWED_ORIGINS, settings.PUBLIC_URL}:
        return True
    if any(re.match(pattern, origin) for pattern in settings.CORS_ALLOWED_ORIGIN_REGEXES):
        return True
    try:
        netloc = urlsplit(origin).netloc
    except ValueError:
        return False
    return netloc == host and validate_host(split_domain_port(host)[0], settings.ALLOWED_HOSTS)
