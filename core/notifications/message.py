"""What is said: an event's words, and those words on their way to one person."""

from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlsplit


@dataclass(frozen=True, slots=True)
class Message:
    """An event in words: one line for lists and mail subjects, and the sentence itself."""

    subject: str
    text: str


@dataclass(frozen=True, slots=True)
class Outgoing:
    """One delivery, ready for a channel. `link` is this delivery's own."""

    delivery_id: int
    event: str
    resource: str  # "ticket-42": mails of one resource form a thread
    number: str  # "INC-000042", or "" when there is no ticket
    subject: str
    text: str
    link: str
    created_at: datetime
    button: str = "Look at it"  # what the link is called, where it needs a name

    @property
    def link_path(self) -> str:
        """The part of the link that stays when our address changes: what a provider's list is searched for."""
        return urlsplit(self.link).path


def quoted(comment: str) -> str:
    """What somebody wrote, as the end of a sentence; nothing when nothing was written."""
    return f" — “{comment}”" if comment else ""
