"""What a channel is, and how sending can fail:

DeliveryError
├── Transient       try again later (with the provider's Retry-After, if any)
│   └── Ambiguous   it may have arrived: look it up before sending again
├── Permanent       never try again
├── Unknown         it may have arrived and nobody can tell: the operator chose what then (doubt.py)
└── Misconfigured   our settings are wrong: the whole channel waits
"""

from abc import ABC, abstractmethod
from datetime import timedelta
from typing import NamedTuple

from core.models import User
from core.notifications.message import Outgoing


class DeliveryError(Exception):
    """`code` is stored with the row: the provider's number, or a word of ours."""

    def __init__(self, code: str) -> None:
        self.code = code[:64]
        super().__init__(self.code)


class Transient(DeliveryError):
    def __init__(self, code: str, *, retry_after: timedelta | None = None) -> None:
        self.retry_after = retry_after
        super().__init__(code)


class Ambiguous(Transient):
    pass


class Permanent(DeliveryError):
    pass


class Unknown(DeliveryError):
    pass


class Misconfigured(DeliveryError):
    pass


class Shown(NamedTuple):
    """A message as its recipient sees it."""

    subject: str
    text: str
    html: str = ""


class Channel(ABC):
    """One way to reach people. A subclass and its instance `channel` in channels/ are all it takes."""

    key: str  # the notification_type of its rows, upper case
    no_address: str  # why a row is skipped when the person cannot be reached this way
    can_be_asked = True  # whether `look_up` can tell that a message did not arrive

    @abstractmethod
    def address(self, user: User) -> str | None:
        """Where to reach `user`, or None."""

    def obstacle(self, user: User, event: str) -> str:
        """Why `user` cannot be told of `event` this way just now, or nothing; it is looked at just before sending."""
        return "" if self.address(user) else self.no_address

    @abstractmethod
    def send(self, address: str, message: Outgoing) -> str:
        """Send within 30 s and return the provider's id; raise DeliveryError."""

    @abstractmethod
    def look_up(self, address: str, message: Outgoing) -> str | None:
        """Return the provider's id if an attempt whose end we missed did arrive; None: send again."""

    def show(self, message: Outgoing) -> Shown:
        """What would be sent, for the preview page."""
        return Shown(message.subject, f"{message.text}\n\n{message.link}")

    def in_doubt(self) -> bool:
        """Whether a message has left and the provider has not said yet whether it took it: worth waiting for."""
        return False

    def close(self) -> None:  # noqa: B027 - a channel that keeps nothing open need not say so
        """Let go of connections kept for the next message."""
