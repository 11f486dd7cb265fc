"""One task a process that looks after all its open sockets: ended sessions, and positions Redis lost."""

import asyncio
from typing import Any, Protocol
from uuid import UUID

import structlog
from django.db import DatabaseError
from django.utils import timezone

from core.models import Session
from core.notifications import feed
from core.socket_auth import CLOSE_FORBIDDEN, CLOSE_UNAUTHENTICATED, in_database

logger = structlog.get_logger(__name__)

SESSIONS_EVERY = 3.0  # seconds; a revocation must bite within 5 s, with or without Redis
POSITIONS_EVERY = 10  # in rounds: every 30 s


class Socket(Protocol):
    """What the watch needs of a consumer."""

    session: Session
    seq: int

    async def close(self, code: int) -> None: ...
    async def catch_up(self) -> None: ...


class Watch:
    """Runs while there are sockets."""

    def __init__(self) -> None:
        self._sockets: set[Socket] = set()
        self._task: asyncio.Task[None] | None = None

    def add(self, socket: Socket) -> None:
        self._sockets.add(socket)
        if self._task is None or self._task.done():
            self._task = asyncio.get_running_loop().create_task(self._run())

    def remove(self, socket: Socket) -> None:
        self._sockets.discard(socket)

    async def _run(self) -> None:
        rounds = 0
        while self._sockets:
            await asyncio.sleep(SESSIONS_EVERY)
            rounds += 1
            try:
                await self._end_revoked()
                if rounds % POSITIONS_EVERY == 0:
                    await self._catch_up()
            except DatabaseError as error:
                logger.warning("socket_watch_failed", error=type(error).__name__)

    async def _end_revoked(self) -> None:
        """Close sockets whose session ended (4401) or whose person was deactivated (4403)."""
        sockets = list(self._sockets)
        states = await in_database(usable_sessions, {socket.session.pk for socket in sockets})
        for socket in sockets:
            active = states.get(socket.session.pk)
            if not active:
                await socket.close(CLOSE_FORBIDDEN if active is False else CLOSE_UNAUTHENTICATED)

    async def _catch_up(self) -> None:
        """Let every socket that is behind its feed read what it missed."""
        sockets = list(self._sockets)
        tops = await in_database(feed.positions, {socket.session.user_id for socket in sockets})
        for socket in sockets:
            if tops.get(socket.session.user_id, 0) > socket.seq:
                await socket.catch_up()


def usable_sessions(ids: set[UUID]) -> dict[UUID, bool]:
    """The sessions that have not ended, and whether their person is active."""
    usable: Any = Session.objects.filter(pk__in=ids, ended_at=None, expires_at__gt=timezone.now())
    return dict(usable.values_list("pk", "user__is_active"))


watch = Watch()
