"""What all sockets have in common: coming in, and what becomes of clients that do not read."""

import asyncio
import json
import time
from abc import abstractmethod
from contextlib import suppress
from typing import Any, NoReturn

import structlog
from channels.exceptions import StopConsumer
from channels.generic.websocket import AsyncWebsocketConsumer
from django.db import Error as DatabaseFailure

from core.following import Following
from core.models import Session
from core.socket_auth import (
    CLOSE_TOO_SLOW,
    SocketRefused,
    admit,
    credential,
    require_origin,
    subprotocol,
)

logger = structlog.get_logger(__name__)

SEND_TIMEOUT = 5.0  # seconds until a client that does not read is closed
CLOSE_TIMEOUT = 1.0  # seconds a close code may wait behind what is not read
CLOSE_FAILED = 1011


class Socket(Following, AsyncWebsocketConsumer):
    """Follows an inbox over a WebSocket."""

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """As channels does it, but the layer may be away."""
        self.scope, self.base_send = scope, send
        await self.run(receive)

    async def connect(self) -> None:
        await self.accept(subprotocol(self.scope))  # first: a browser sees the code of an accepted socket only
        try:
            require_origin(self.scope)
        except SocketRefused as refused:
            await self.refuse(refused)
        await self.come(credential(self.scope))

    @abstractmethod
    async def come(self, token: str | None) -> None:
        """Go on with what the client brought to sign in with."""

    async def sign_in(self, token: str) -> None:
        """Admit whoever comes with this token, begin, and tell from then on; or close."""
        try:
            session = await admit(token)
            self.session_id, self.user_id = session.pk, session.user_id
            self.take_place()
            await self.begin(session)
        except SocketRefused as refused:
            await self.refuse(refused)
        except DatabaseFailure as error:
            logger.warning("socket_not_opened", error=type(error).__name__)
            await self.end(CLOSE_FAILED)
        self.follow()

    @abstractmethod
    async def begin(self, session: Session) -> None:
        """Find the position to follow from."""

    async def refuse(self, refused: SocketRefused) -> NoReturn:
        logger.info("socket_refused", code=refused.close_code)
        await self.end(refused.close_code)

    async def websocket_disconnect(self, message: dict[str, Any]) -> None:
        raise StopConsumer

    async def push(self, frame: dict[str, Any]) -> None:
        self.told_at = time.monotonic()
        too_slow = asyncio.get_running_loop().call_later(SEND_TIMEOUT, self.dismiss, CLOSE_TOO_SLOW)
        try:
            await self.send(text_data=json.dumps(frame))
        except (OSError, RuntimeError) as error:  # gone; RuntimeError: the server has closed it, of itself
            raise StopConsumer from error
        finally:
            too_slow.cancel()

    async def end(self, code: int) -> NoReturn:
        """Close, and do nothing more; the server gives up a socket whose application has ended."""
        with suppress(OSError, RuntimeError):
            async with asyncio.timeout(CLOSE_TIMEOUT):
                await self.close(code)
        raise StopConsumer
