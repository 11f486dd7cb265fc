"""What people write back by WhatsApp, taken apart: consent, the ticket they name, what they want done."""

import re
from typing import NamedTuple

from core.domain.texts import MAX_TEXT, SHORTEST_COMMENT, SHORTEST_REPORT, can_be_seen

# Twilio's default keywords; like ours, they count when they are the whole message.
STOP = frozenset({"stop", "stopall", "unsubscribe", "cancel", "end", "quit"})
START = frozenset({"start", "unstop", "yes"})
ACKNOWLEDGE = frozenset({"ack", "start"})
NUMBER = re.compile(r"inc[- ]?([0-9]{1,18})(?!\w)[\s:;,.!\u2013-]*", re.IGNORECASE)
BARE_NUMBER = re.compile(r"#?([0-9]{1,18})[\s.!]*")
DONE = re.compile(r"done(?!\w)[\s:;,.!\u2013-]*(.*)", re.IGNORECASE | re.DOTALL)


def bare(text: str) -> str:
    """A word without what phones put after it."""
    return text.casefold().rstrip(" .!")


class Said(NamedTuple):
    """The ticket whose number comes first, if one does, and the verb that the rest asks for; "" without any rest."""

    ticket_id: int | None
    action: str
    comment: str


def bare_number(text: str) -> int | None:
    """The ticket, where only its digits are said."""
    said = BARE_NUMBER.fullmatch(text)
    return int(said[1]) if said else None


def consents(text: str, told: str) -> bool | None:
    """Whether this turns messages on or off; None: it does neither. `told`: what Twilio takes it for, if it says."""
    if told in ("STOP", "START"):
        return told == "START"
    word = bare(text)
    return word in START if word in STOP | START else None


def understand(text: str) -> Said:
    """`ack` or `start` alone, `done …`, or else a comment."""
    named = NUMBER.match(text)
    ticket_id, rest = (int(named[1]), text[named.end() :]) if named else (None, text)
    if not rest:
        return Said(ticket_id, "", "")
    if bare(rest) in ACKNOWLEDGE:
        return Said(ticket_id, "start_work", "")
    if done := DONE.fullmatch(rest):
        return Said(ticket_id, "finish_work", done[1])
    return Said(ticket_id, "add_comment", rest)


def fault(said: Said) -> str:
    """What is wrong with its comment, by the rules for comments on tickets; or nothing."""
    if said.action == "start_work" or (said.action == "finish_work" and not said.comment):
        return ""
    if len(said.comment) > MAX_TEXT:
        return "too_long"
    least = SHORTEST_REPORT if said.action == "finish_work" else SHORTEST_COMMENT
    return "too_short" if len(said.comment) < least or not can_be_seen(said.comment) else ""
