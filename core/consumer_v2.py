"""/ws/notifications/?v=2: what a plain client gets, what it missed, what happens elsewhere, and commands with answers.

The first frame is `hello`. With `since` (and `epoch`) in the address, what was missed follows, or a `reset`; without it
nothing was asked for: `recovered` is false, and no `replay_complete` comes.

A client is told of its own doing as all others of the person are: beside the `ok` to its `mark_read` it gets a `state`.
"""

import asyncio
import secrets
import time
from typing import Any
from uuid import UUID

import structlog
from django.db import Error as DatabaseFailure

from core import client_frames
from core.actions import inbox, one_time_tickets, sessions
from core.client_frames import Ack, Auth, BadFrame, Frame, MarkAllRead, MarkRead, Ping, Presence, Ref, Resume, Typing
from core.domain.errors import Refused, SignInRefused
from core.models import Session
from core.notifications import feed
from core.notifications.frames import timestamp
from core.outages import outage
from core.socket_auth import CLOSE_BAD_FRAMES, CLOSE_UNAUTHENTICATED, close_code, in_database, query
from core.sockets import Socket
from core.talk import Talk, Throttled

logger = structlog.get_logger(__name__)

PING_INTERVAL = 25  # seconds without a frame, after which there is a `ping`
AUTH_WITHIN = 10.0  # seconds, of a client that brings nothing to sign in with
MOST_BAD_FRAMES = 10  # within BAD_FRAMES_WITHIN
BAD_FRAMES_WITHIN = 60.0  # seconds


class ConsumerV2(Socket):
    longest_silence = PING_INTERVAL
    awaited: asyncio.TimerHandle | None = None  # as long as the first frame has to be `auth`
    bad_frames: tuple[float, ...] = ()  # when the last ones came
    talk: Talk | None = None  # as soon as it talks

    async def come(self, token: str | None) -> None:
        if token is not None:
            await self.sign_in(token)
            return
        self.awaited = asyncio.get_running_loop().call_later(AUTH_WITHIN, self.dismiss, CLOSE_UNAUTHENTICATED)
        self.leaving.callback(self.awaited.cancel)

    async def begin(self, session: Session) -> None:
        asked = bad = None
        try:
            asked = client_frames.position(query(self.scope))
        except BadFrame as error:
            bad = error
        missed = await in_database(missed_since, self.user_id, asked)
        await self.tell(hello(session, missed, recovered=asked is not None and not missed.reason))
        if bad:
            await self.complain(bad)
        if asked:
            await self.replay(missed)
        else:
            self.seq, self.epoch = missed.feed.top_seq, missed.feed.epoch

    async def replay(self, missed: feed.Replay) -> None:
        await super().replay(missed)
        if not missed.reason:
            await self.tell({"type": "replay_complete", "seq": self.seq})

    async def tell(self, frame: dict[str, Any]) -> None:
        await self.push(frame)

    async def socket_silent(self, message: dict[str, Any]) -> None:
        await self.tell({"type": "ping"})

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        try:
            frame = client_frames.parse(text_data)
            await (self.introduce(frame, self.awaited) if self.awaited else self.obey(frame))
        except BadFrame as bad:
            if self.awaited:
                await self.end(CLOSE_UNAUTHENTICATED)
            await self.complain(bad)

    async def introduce(self, frame: Frame, awaited: asyncio.TimerHandle) -> None:
        """The first frame of a client that has brought nothing to sign in with."""
        if not isinstance(frame, Auth):
            raise BadFrame("The first frame has to be auth.", ref=frame.ref)
        awaited.cancel()
        self.awaited = None
        await self.sign_in(frame.token)
        await self.obey(Ack(frame.ref, seq=0))  # `hello` has said it all, but somebody may wait for the `ref`

    async def obey(self, frame: Frame) -> None:
        """Do what a frame asks for, and answer it."""
        try:
            answer = await self.answer_to(frame)
        except SignInRefused as refused:
            await self.end(close_code(refused))
        except Refused as refused:
            is_throttled = isinstance(refused, Throttled)
            answer = failure(frame.ref, refused.code, refused.detail, retryable=is_throttled)
        except DatabaseFailure as error:
            found = outage(error)
            if found is None:
                raise
            logger.warning("frame_not_obeyed", error=type(error).__name__)
            answer = failure(frame.ref, found.code, found.detail, retryable=True)
        if answer:
            await self.tell(answer)

    async def answer_to(self, frame: Frame) -> dict[str, Any] | None:
        """What is said when it has been done; nothing of talk without a `ref`, since nobody waits for that."""
        if isinstance(frame, Ping):
            return {"type": "pong", "ref": frame.ref}
        if isinstance(frame, Typing | Presence):
            await self.talking().say(frame)
            if frame.ref is None:
                return None
        return {"type": "ok", "ref": frame.ref, "unread_count": await self.unread_after(frame)}

    def talking(self) -> Talk:
        if self.talk is None:
            self.talk = Talk(self.user_id)
            self.places = self.talk.places
            self.leaving.callback(self.talk.leave_all)
        return self.talk

    async def feed_joined(self, message: dict[str, Any]) -> None:
        await super().feed_joined(message)
        if self.talk:
            self.talk.come_back()

    async def talk_heard(self, message: dict[str, Any]) -> None:
        frame = message["frame"]
        if self.talk:
            self.talk.answer(frame, asks=message["asks"])
        if frame["user"]["id"] != self.user_id:
            await self.tell(frame)

    async def rooms_checked(self, message: dict[str, Any]) -> None:
        """What says that it has left is told to its client, too."""
        try:
            left = await self.talking().look_again()
        except DatabaseFailure as error:
            logger.warning("rooms_not_checked", error=type(error).__name__)  # the watch asks again
        else:
            for frame in left:
                await self.tell(frame)

    async def unread_after(self, frame: Resume | Ack | MarkRead | MarkAllRead | Auth | Typing | Presence) -> int:
        """How much is unread when this has been done."""
        if isinstance(frame, MarkRead | MarkAllRead):
            return await in_database(mark, self.session_id, frame)
        if isinstance(frame, Resume):
            missed = await in_database(missed_since, self.user_id, frame)
            await self.replay(missed)
            return feed.unread_count(missed.feed)
        if isinstance(frame, Auth):
            await self.renew(frame)
        elif isinstance(frame, Ack) and frame.seq > self.seq:
            raise BadFrame(f"seq: You have been told up to {self.seq}.", ref=frame.ref)
        return feed.unread_count(await in_database(feed.read, self.user_id))

    async def renew(self, frame: Auth) -> None:
        """From now on it lives as long as the session of this token, which must be the same person's."""
        try:
            user, session = await in_database(one_time_tickets.authenticate, frame.token)
        except SignInRefused as refused:
            raise BadFrame(refused.detail, code=refused.code, ref=frame.ref) from refused
        if user.pk != self.user_id:
            raise BadFrame("This is somebody else's token.", code="permission_denied", ref=frame.ref)
        self.session_id = session.pk

    async def complain(self, bad: BadFrame) -> None:
        """Answer a wrong frame; a client that sends many is closed."""
        now = time.monotonic()
        self.bad_frames = (*(then for then in self.bad_frames if then > now - BAD_FRAMES_WITHIN), now)
        if len(self.bad_frames) >= MOST_BAD_FRAMES:
            await self.end(CLOSE_BAD_FRAMES)
        await self.tell(failure(bad.ref, bad.code, bad.message, retryable=False))


def hello(session: Session, missed: feed.Replay, *, recovered: bool) -> dict[str, Any]:
    """`seq` is the position after what may follow."""
    return {
        "type": "hello",
        "connection_id": secrets.token_hex(8),
        "user_id": session.user_id,
        "epoch": missed.feed.epoch,
        "seq": missed.feed.top_seq,
        "recovered": recovered,
        "unread_count": feed.unread_count(missed.feed),
        "ping_interval": PING_INTERVAL,
        "session_expires_at": timestamp(session.expires_at),
    }


def failure(ref: Ref, code: str, message: str, *, retryable: bool) -> dict[str, Any]:
    return {"type": "error", "ref": ref, "code": code, "message": message, "retryable": retryable}


def missed_since(user_id: int, asked: Resume | None) -> feed.Replay:
    return feed.replay(user_id, asked.since, asked.epoch) if asked else feed.Replay(feed.read(user_id))


def mark(session_id: UUID, frame: MarkRead | MarkAllRead) -> int:
    """Raises SignInRefused when the session has ended; until the watch says so, nobody may act in it."""
    user = sessions.usable(session_id).user
    if isinstance(frame, MarkRead):
        return inbox.mark_read(user=user, ids=frame.ids).unread_count
    return inbox.mark_all_read(user=user, up_to_seq=frame.up_to_seq).unread_count
