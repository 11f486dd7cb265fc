"""What is said: an event's words, and those words on their way to one person."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlsplit


@dataclass(frozen=True, slots=True)
class Message:
    """An event in words: one line for lists and mail subjects, and the sentence itself."""

    subject: str
    text: str


LANGUAGES = ("en", "de", "es", "ko")
QUOTES = {"de": ("„", "“"), "es": ("«", "»")}
Words = Mapping[str, Message]  # by language, with names in braces where the facts go; English is always there


def language(locale: str) -> str:
    """The language that somebody with this locale reads: "de" for "de-AT", English when we do not speak it."""
    found = locale.partition("-")[0]
    return found if found in LANGUAGES else "en"


def in_words(words: Words, locale: str, **facts: object) -> Message:
    """Put facts into words."""
    said = words.get(language(locale)) or words["en"]
    return Message(said.subject.format_map(facts), said.text.format_map(facts))


@dataclass(frozen=True, slots=True)
class Line:
    """One of several notifications that are said in one message."""

    subject: str
    text: str
    link: str
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Outgoing:
    """One delivery, ready for a channel. `link` is this delivery's own.

    `attempt_id`: of the attempt at hand, 0 while nothing is sent. `lines`: what a digest gathers, oldest first.
    """

    delivery_id: int
    attempt_id: int
    recipient_id: int
    locale: str
    event: str
    resource: str  # "ticket-42": mails of one resource form a thread
    number: str  # "INC-000042", or "" when there is no ticket
    subject: str
    text: str
    link: str
    created_at: datetime
    button: str = ""  # what the link is called, where "Look at it" will not do
    code: str = ""  # of a phone number's verification: all that its template shows
    lines: tuple[Line, ...] = ()

    @property
    def link_path(self) -> str:
        """The part of the link that stays when our address changes: what a provider's list is searched for."""
        return urlsplit(self.link).path


def quoted(comment: str, locale: str) -> str:
    """What somebody wrote, as the end of a sentence; nothing when nothing was written."""
    opening, closing = QUOTES.get(language(locale), ("“", "”"))
    return f" — {opening}{comment}{closing}" if comment else ""
