"""Follows one person's inbox for one client, whatever carries it: WebSocket and SSE differ in how they tell only.

Everything a connection does, it does in turn: what comes from its client, from the channel layer and from the watch is
dispatched one after the other, so that nothing has to be locked and a slow client holds up itself only.
"""

import asyncio
import math
import time
from abc import abstractmethod
from collections.abc import Collection
from contextlib import ExitStack, suppress
from typing import Any, NoReturn
from uuid import UUID

import structlog
from channels.consumer import get_handler_name
from channels.exceptions import StopConsumer
from django.db import Error as DatabaseFailure

from core.notifications import feed
from core.notifications.frames import as_new
from core.notifications.mailbox import Mailbox, in_turns
from core.notifications.subscribe import Subscription
from core.socket_auth import in_database, place
from core.socket_watch import watch

logger = structlog.get_logger(__name__)


class Following:
    """A client that is told of everything that moves its inbox. It is at position `seq` of `epoch`."""

    session_id: UUID  # no more than its key: what is kept is kept for each of thousands
    user_id: int
    seq: int
    epoch: str
    told_at = 0.0
    dismissed: int | None = None  # the close code it is to end with
    work: asyncio.Task[Any] | None = None
    state_at = 0.0  # timestamp of the newest state beside the inbox that it was told
    places: Collection[int] = ()  # the conversations that it is present in
    longest_silence = math.inf  # seconds without a word to its client; then the watch asks for one: socket_silent

    async def run(self, receive: Any) -> None:
        """Dispatch until somebody raises StopConsumer; however it ends, everything is given back."""
        self.asked = Mailbox()  # by the channel layer and the watch
        self.work = asyncio.current_task()
        with ExitStack() as self.leaving, suppress(StopConsumer):
            try:
                await in_turns(receive, self.asked, self.dispatch)
            except asyncio.CancelledError:
                if self.dismissed is None or self.work is None:
                    raise
                self.work.uncancel()
                await self.end(self.dismissed)

    def dismiss(self, code: int) -> None:
        """End it now, whatever it is about to tell: a client that hardly reads would hold that up."""
        if self.dismissed is None and self.work is not None:
            self.dismissed = code
            self.work.cancel()

    async def dispatch(self, message: dict[str, Any]) -> None:
        """While releases change, there may be messages of kinds that only the next one knows."""
        handler = getattr(self, get_handler_name(message), None)
        if handler is None:
            logger.warning("unknown_message", type=message["type"])
        else:
            await handler(message)

    def take_place(self) -> None:
        """Count as one of the person's connections; SocketRefused when it has too many."""
        self.leaving.enter_context(place(self.user_id))

    def follow(self) -> None:
        """Be told from now on, by the channel layer and by the watch."""
        self.told_at = time.monotonic()
        watch.add(self)
        self.leaving.callback(watch.remove, self)
        self.leaving.callback(Subscription(self.user_id, self.asked).end)

    @abstractmethod
    async def tell(self, frame: dict[str, Any]) -> None:
        """Send one frame: a notification, a state, or a reset."""

    @abstractmethod
    async def end(self, code: int) -> NoReturn:
        """Say goodbye, and raise StopConsumer. `code` is one of a WebSocket's."""

    async def feed_notified(self, message: dict[str, Any]) -> None:
        """A notification was committed. In order: tell it; a gap before it: read from the database."""
        await self.moved_on(message, as_new(message["frame"]))

    async def feed_moved(self, message: dict[str, Any]) -> None:
        """The inbox changed otherwise. The release before this one does not say how."""
        if "frame" in message:
            await self.moved_on(message, message["frame"])
        else:
            await self.feed_checked(message)

    async def moved_on(self, message: dict[str, Any], frame: dict[str, Any]) -> None:
        if message["seq"] == self.seq + 1:
            await self.tell(frame)
            self.seq = message["seq"]
        else:
            await self.feed_checked(message)

    async def feed_checked(self, message: dict[str, Any]) -> None:
        """The feed is at this position: read what happened up to it from the database."""
        if message["seq"] > self.seq:
            await self.catch_up()

    async def feed_joined(self, message: dict[str, Any]) -> None:
        """From now on the layer tells; what was committed before it did is read."""
        await self.catch_up()

    async def state_changed(self, message: dict[str, Any]) -> None:
        """Something beside the inbox, such as the progress of a job. What was overtaken on the way is old."""
        frame = message["frame"]
        if frame["timestamp"] > self.state_at:
            self.state_at = frame["timestamp"]
            await self.tell(frame)

    async def message_changed(self, message: dict[str, Any]) -> None:
        """Something was said or read in a conversation. What is lost is found there, and by its notification."""
        await self.tell(message["frame"])

    async def talk_heard(self, message: dict[str, Any]) -> None:
        """Somebody types, or is there: for those alone who can say so, too."""

    async def catch_up(self) -> None:
        try:
            missed = await in_database(feed.replay, self.user_id, self.seq, self.epoch)
        except DatabaseFailure as error:
            # The position has not moved: the next message, or the watch, reads it again.
            logger.warning("catch_up_failed", error=type(error).__name__)
        else:
            if missed.reason or missed.feed.top_seq != self.seq:
                await self.replay(missed)

    async def replay(self, missed: feed.Replay) -> None:
        """Tell what was missed; the client's position moves only when all of it has been told."""
        top = missed.feed
        if missed.reason:
            await self.tell({"type": "reset", "reason": missed.reason, "epoch": top.epoch, "seq": top.top_seq})
        for frame in [missed.state, *missed.created]:
            if frame is not None:
                await self.tell(frame)
        self.seq, self.epoch = top.top_seq, top.epoch
