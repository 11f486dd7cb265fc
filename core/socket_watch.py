"""Looks after all open sockets of a process: ended sessions, positions Redis lost, silence, age, and the server's end.

It asks sockets to act and never waits for one: each acts in its own loop.
"""

import asyncio
import secrets
import time
from collections.abc import Collection
from concurrent.futures import ThreadPoolExecutor
from typing import Protocol
from uuid import UUID

import structlog
from django.utils import timezone

from core.models import Session
from core.notifications import feed
from core.notifications.mailbox import Mailbox
from core.rooms import rooms
from core.socket_auth import CLOSE_FORBIDDEN, CLOSE_PLANNED, CLOSE_UNAUTHENTICATED, in_database

logger = structlog.get_logger(__name__)

SESSIONS_EVERY = 3.0  # seconds; a revocation must bite within 5 s, with or without Redis
POSITIONS_EVERY = 10  # in rounds: every 30 s
MAX_AGE = 12 * 3600  # seconds; then a client connects anew, so that no server is left with the oldest of all
MAX_AGE_SPREAD = 3600  # seconds: those that came together do not leave together


# Not those of the sockets: commands of clients may wait there for locks.
own_thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="socket-watch")


class Socket(Protocol):
    """What the watch needs of a consumer."""

    session_id: UUID
    user_id: int
    seq: int
    asked: Mailbox
    told_at: float  # when its client was told something last, by the monotonic clock
    places: Collection[int]  # the conversations that it is present in
    longest_silence: float  # seconds; then it is asked for a sign of life

    def dismiss(self, code: int) -> None: ...


class Watch:
    """Runs while there are sockets."""

    def __init__(self) -> None:
        self._sockets: dict[Socket, float] = {}  # each with the time it leaves at
        self._task: asyncio.Task[None] | None = None

    def add(self, socket: Socket) -> None:
        self._sockets[socket] = time.monotonic() + MAX_AGE + secrets.randbelow(MAX_AGE_SPREAD)
        if self._task is None or self._task.done():
            self._task = asyncio.get_running_loop().create_task(self._run())

    def remove(self, socket: Socket) -> None:
        self._sockets.pop(socket, None)

    async def drain(self, seconds: float) -> None:
        """Send every socket away, to reconnect at once, elsewhere; returns when all have gone, or the time is up."""
        deadline = time.monotonic() + seconds
        while self._sockets and time.monotonic() < deadline:
            for socket in self._sockets:
                socket.dismiss(CLOSE_PLANNED)
            await asyncio.sleep(0.05)

    async def _run(self) -> None:
        rounds = 0
        rooms.forget()  # nobody has, while there were no sockets
        while self._sockets:
            await asyncio.sleep(SESSIONS_EVERY)
            rounds += 1
            self._look_at_clocks()
            rooms.forget()
            try:
                await self._end_revoked()
                await self._look_into_rooms()
                if rounds % POSITIONS_EVERY == 0:
                    await self._check_positions()
            except Exception:
                logger.exception("socket_watch_failed")  # and goes on: nobody else ends revoked sockets

    def _look_at_clocks(self) -> None:
        """Let the silent say something, a round too early rather than too late; send away the old."""
        now = time.monotonic()
        for socket, leaves_at in self._sockets.items():
            if now >= leaves_at:
                socket.dismiss(CLOSE_PLANNED)
            elif now + SESSIONS_EVERY > socket.told_at + socket.longest_silence:
                socket.asked.put_nowait({"type": "socket.silent"})

    async def _end_revoked(self) -> None:
        """Close sockets whose person was deactivated (4403) or whose session ended (4401)."""
        asked = {socket: socket.session_id for socket in self._sockets}
        states = await in_database(usable_sessions, set(asked.values()), threads=own_thread)
        for socket, session_id in asked.items():
            is_active, is_usable = states.get(session_id, (True, False))
            if not (is_active and is_usable) and socket.session_id == session_id:  # it may have signed in anew
                code = CLOSE_UNAUTHENTICATED if is_active else CLOSE_FORBIDDEN
                socket.dismiss(code)

    async def _look_into_rooms(self) -> None:
        """Let those who are present somewhere see whether they still may be."""
        present = [socket for socket in self._sockets if socket.places]
        await rooms.find({place for socket in present for place in socket.places}, own_thread)
        for socket in present:
            socket.asked.put_nowait({"type": "rooms.checked"})

    async def _check_positions(self) -> None:
        """Let every socket that is behind its feed read what it missed."""
        sockets = list(self._sockets)
        tops = await in_database(feed.positions, {socket.user_id for socket in sockets}, threads=own_thread)
        for socket in sockets:
            top = tops.get(socket.user_id, 0)
            if top > socket.seq:
                socket.asked.put_nowait({"type": "feed.checked", "seq": top})


def usable_sessions(ids: set[UUID]) -> dict[UUID, tuple[bool, bool]]:
    """Of each of these sessions: whether its person is active, and whether it has not ended."""
    now = timezone.now()
    # No objects: a thousand of them would keep everything else waiting for their making.
    found = Session.objects.filter(pk__in=ids).values_list("pk", "user__is_active", "ended_at", "expires_at")
    return {pk: (is_active, not ended_at and expires_at > now) for pk, is_active, ended_at, expires_at in found}


watch = Watch()
