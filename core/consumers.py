"""/ws/notifications/ for a plain client: one frame per notification, at once when it is the next one, else from the
database, and nothing else."""

from typing import Any

import structlog
from django.db import Error as DatabaseFailure

from core.models import Session
from core.notifications import feed
from core.socket_auth import in_database
from core.sockets import Socket

logger = structlog.get_logger(__name__)

REPLAY_BATCH = 100


class NotificationConsumer(Socket):
    """What a plain client sends is ignored."""

    async def come(self, token: str | None) -> None:
        await self.sign_in(token or "")

    async def begin(self, session: Session) -> None:
        self.seq = (await in_database(feed.read, self.user_id)).top_seq

    async def feed_notified(self, message: dict[str, Any]) -> None:
        await self.moved_on(message, message["frame"])

    async def tell(self, frame: dict[str, Any]) -> None:
        if frame["type"] == "notification":
            await self.push(frame)

    async def catch_up(self) -> None:
        """However much it is: a plain client cannot be told to read its list anew."""
        try:
            behind = True
            while behind:
                position, frames = await in_database(read_on, self.user_id, self.seq)
                for frame in frames:
                    await self.push(frame)
                self.seq = max(self.seq, position)
                behind = len(frames) == REPLAY_BATCH
        except DatabaseFailure as error:
            # The position has not moved: the next message, or the watch, reads it again.
            logger.warning("socket_catch_up_failed", error=type(error).__name__)


def read_on(user_id: int, seq: int) -> tuple[int, list[dict[str, Any]]]:
    return feed.since(user_id, seq, limit=REPLAY_BATCH)
