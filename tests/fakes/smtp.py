"""A real SMTP server for tests. It keeps what it accepts, and misbehaves when told to."""

import asyncio
import logging
import math
import time
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from enum import StrEnum
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from tests.fakes.recorder import Recorder

logging.getLogger("mail.log").setLevel(logging.WARNING)  # aiosmtpd logs every command


class Step(StrEnum):
    """Where in the conversation something goes wrong."""

    RCPT = "at RCPT TO"
    DATA = "after DATA, before the final dot: the mail has not arrived"
    DOT = "after the final dot: only a refusal says that the mail has not arrived"


@dataclass
class Line:
    """A connection: how many mails came whole on it, and time.monotonic() when it was gone."""

    mails: int = 0
    gone_at: float = math.inf


@dataclass(frozen=True)
class Mail:
    """One accepted mail; `to` is the envelope's, several recipients joined by a comma.

    It was the `number`th on its line; its final dot came at `came_at` (time.monotonic()).
    """

    sender: str
    to: str
    message: EmailMessage
    line: Line = field(repr=False, compare=False)
    number: int
    came_at: float

    def __str__(self) -> str:
        return f"to {self.to}: {self.message['Subject']}"

    @property
    def text(self) -> str:
        return self._part("plain")

    @property
    def html(self) -> str:
        return self._part("html")

    def _part(self, kind: str) -> str:
        part = self.message.get_body((kind,))
        return part.get_content() if part is not None else ""


@dataclass
class Fault:
    """`reply` is the refusal; without one the server is slow, hangs, or hangs up. `left` None: for good."""

    step: Step
    to: str | None
    left: int | None
    reply: str = ""
    hang_up: bool = False
    seconds: float = 0

    def applies(self, step: Step, recipients: list[str]) -> bool:
        return self.left != 0 and self.step == step and (self.to is None or self.to in recipients)


class FakeSmtp(Recorder[Mail]):
    """`stop()` and `start()` keep the port, as a server does that is away for a while."""

    def __init__(self, port: int) -> None:
        super().__init__()
        self.port = port
        self._faults: list[Fault] = []
        self._controller: SmtpController | None = None

    def start(self) -> None:
        if self._controller is None:
            self._controller = SmtpController(self)
            self._controller.start()

    def stop(self) -> None:
        """Break every connection and stop listening."""
        if self._controller is not None:
            self._controller.break_connections()
            self._controller.stop()
            self._controller = None

    def refuse(self, code: int, *, step: Step = Step.RCPT, to: str | None = None, times: int | None = None) -> None:
        self._faults.append(Fault(step, to, times, reply=f"{code} told to answer this"))

    def hang(self, *, step: Step = Step.RCPT, to: str | None = None, times: int | None = None) -> None:
        self._faults.append(Fault(step, to, times))

    def wait(self, seconds: float, *, step: Step = Step.RCPT, to: str | None = None, times: int | None = None) -> Fault:
        """Answer as usual, but late. The fault's `left` tells when that has begun."""
        self._faults.append(Fault(step, to, times, seconds=seconds))
        return self._faults[-1]

    def hang_up(self, *, step: Step = Step.RCPT, to: str | None = None, times: int | None = None) -> None:
        self._faults.append(Fault(step, to, times, hang_up=True))

    def behave(self) -> None:
        """Forget every fault and listen again."""
        self._faults.clear()
        self.start()

    def next_fault(self, step: Step, recipients: list[str]) -> Fault | None:
        fault = next((one for one in self._faults if one.applies(step, recipients)), None)
        if fault is not None and fault.left is not None:
            fault.left -= 1
        return fault


class Conversation(SMTP):
    """One connection; aiosmtpd calls `handle_…` and `smtp_…` by name."""

    def __init__(self, fake: FakeSmtp, open_conversations: set["Conversation"]) -> None:
        self.fake = fake
        self.open_conversations = open_conversations
        super().__init__(self, enable_SMTPUTF8=True)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.open_conversations.add(self)
        self.line = Line()
        super().connection_made(transport)

    def connection_lost(self, error: Exception | None) -> None:
        self.open_conversations.discard(self)
        self.line.gone_at = time.monotonic()
        super().connection_lost(error)

    async def handle_RCPT(  # noqa: N802
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        refusal = await self.misbehave(Step.RCPT, [address])
        if not refusal:
            envelope.rcpt_tos.append(address)
        return refusal or "250 OK"

    async def smtp_DATA(self, arg: str) -> None:  # noqa: N802
        recipients = [str(one) for one in self.envelope.rcpt_tos] if self.envelope else []
        refusal = await self.misbehave(Step.DATA, recipients)
        await (self.push(refusal) if refusal else super().smtp_DATA(arg))

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802
        recipients = [str(one) for one in envelope.rcpt_tos]
        message = message_from_bytes(envelope.original_content or b"", policy=policy.default)
        assert isinstance(message, EmailMessage)
        self.line.mails += 1
        sender, to = str(envelope.mail_from), ", ".join(recipients)
        mail = Mail(sender, to, message, self.line, self.line.mails, time.monotonic())
        refusal = await self.misbehave(Step.DOT, recipients, arrived=mail)
        if not refusal:
            self.fake.record(mail)
        return refusal or "250 OK"

    async def misbehave(self, step: Step, recipients: list[str], *, arrived: Mail | None = None) -> str:
        """Do as told; return the refusal to send, if any. Hanging ends when the client is gone."""
        fault = self.fake.next_fault(step, recipients)
        if fault is None or fault.reply:
            return fault.reply if fault else ""
        if fault.seconds:
            await asyncio.sleep(fault.seconds)
            return ""
        if arrived:
            self.fake.record(arrived)
        if step is Step.DATA:
            await self.push("354 Go ahead")
        if fault.hang_up:
            self.break_off()
        await asyncio.get_running_loop().create_future()
        return ""

    def break_off(self) -> None:
        """Close the connection without a word."""
        if isinstance(self.transport, asyncio.WriteTransport):
            self.transport.abort()


class SmtpController(Controller):
    def __init__(self, fake: FakeSmtp) -> None:
        self.fake = fake
        self.open_conversations: set[Conversation] = set()
        super().__init__(self, hostname="127.0.0.1", port=fake.port)

    def factory(self) -> Any:
        return Conversation(self.fake, self.open_conversations)

    def break_connections(self) -> None:
        self.loop.call_soon_threadsafe(self._abort)

    def _abort(self) -> None:
        for conversation in list(self.open_conversations):
            conversation.break_off()
