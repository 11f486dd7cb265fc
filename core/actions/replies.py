"""What somebody wrote to us by WhatsApp: consent, or work on a ticket, by the ordinary verbs and their rules."""

import re
from datetime import datetime, timedelta
from typing import NamedTuple

import structlog
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from core.actions import consent, tickets
from core.actions.answers import in_words
from core.domain.errors import NotVisible, Refused
from core.domain.replies import Said, bare, bare_number, consents, fault, understand
from core.domain.texts import can_be_seen
from core.models import InboundMessage, NotificationLog, Ticket, User

logger = structlog.get_logger(__name__)

ASKED_FOR = timedelta(hours=1)  # how long a question waits for its answer
KEPT = timedelta(days=90)
LONGEST = 4_096  # characters: as long as WhatsApp's messages are
MOST_ANSWERS, IN = 10, timedelta(minutes=10)  # to one person: two programs would answer each other for ever
PHONE_NUMBER = re.compile(r"\+[1-9][0-9]{6,14}")
UNPRINTABLE = re.compile(r"[^\t\n\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")  # what XML cannot hold, either

DONE, ASKED, REFUSED, IGNORED = (InboundMessage.Outcome(name) for name in ("DONE", "ASKED", "REFUSED", "IGNORED"))


class Inbound(NamedTuple):
    """A message as Twilio hands it over. `told`: what keyword Twilio takes it for, if any (and answers itself)."""

    sid: str
    sender: str
    text: str
    replied_to: str = ""
    told: str = ""
    has_files: bool = False


class Result(NamedTuple):
    """What came of it. Without a `code` there is nothing to answer. `for_staff`: the comment is internal."""

    outcome: InboundMessage.Outcome
    code: str = ""
    ticket_id: int | None = None
    for_staff: bool = False


def receive(*, inbound: Inbound) -> str:
    """Do what the message asks for, once however often it comes; return what its writer is answered, or nothing.

    Whoever has not verified this number is a stranger: nothing is revealed and nothing done, but that STOP and START
    count, and the time is written down, as WhatsApp lets us answer for a day. Of numbers that no account has, no more
    than STOP is kept.
    """
    if not PHONE_NUMBER.fullmatch(inbound.sender):
        return ""
    now = timezone.now()
    text = UNPRINTABLE.sub("", inbound.text).strip()[:LONGEST]
    wish = consents(text, inbound.told)
    with transaction.atomic():
        people = _whose(inbound.sender)
        user = next((one for one in people if one.phone_verified_at and one.is_active), None)
        if people:
            message, is_new = InboundMessage.objects.get_or_create(
                sid=inbound.sid,
                defaults={"user": user, "text": text if user else "", "outcome": IGNORED, "received_at": now},
            )
            if not is_new:
                return ""
        consent.follow(number=inbound.sender, people=people, wish=wish, at=now)
        if user is None:
            return ""
        result = _follow(user, message, inbound, wish)
        _settle(message, result)
        is_answered = bool(result.code) and not _is_talkative(user, now)
    logger.info("reply_received", message=message.pk, user_id=user.pk, outcome=result.outcome, code=result.code)
    return _answer(user, result, inbound, text) if is_answered else ""


def forget_texts(moment: datetime) -> None:
    """Forget what was written long ago, but not that it was: Twilio's signature under it is good for ever."""
    InboundMessage.objects.filter(received_at__lte=moment - KEPT).exclude(text="").update(text="")


def _whose(sender: str) -> list[User]:
    """Everybody who has this number, locked in order; at most one of them has verified it."""
    return list(User.objects.filter(phone_number=sender).order_by("pk").select_for_update(no_key=True))


def _follow(user: User, message: InboundMessage, inbound: Inbound, wish: bool | None) -> Result:
    if wish is False or (wish and not user.whatsapp_opted_in):  # else it says what START and YES say at work
        return Result(DONE, "" if inbound.told else "started" if wish else "stopped")
    if inbound.told == "HELP":
        return Result(IGNORED)
    if bare(message.text) == "help":
        return Result(DONE, "help")
    if not can_be_seen(message.text):
        return Result(REFUSED, "no_text")
    return _work(user, message, inbound.replied_to)


def _work(user: User, message: InboundMessage, replied_to: str) -> Result:
    """On the ticket that is meant; or ask which one that is."""
    said = understand(message.text)
    if said.ticket_id is not None and not said.action:
        return _complete(user, said.ticket_id)
    ticket_id, message.is_internal = _meant(user, said, replied_to)
    if ticket_id is not None:
        return _do(user, ticket_id, said, is_internal=message.is_internal)
    if (number := bare_number(message.text)) is not None:
        return _complete(user, number)
    if _open_questions(user).filter(text=message.text).exists():
        return Result(IGNORED)  # a program, or somebody who has not read the question yet
    return Result(ASKED, "which_ticket")


def _meant(user: User, said: Said, replied_to: str) -> tuple[int | None, bool]:
    """The one ticket that is named or replied to; None when there is none, or they differ: nobody guesses.

    And whether the reply is to something that only staff may read, if only in part.
    """
    rows = NotificationLog.objects.filter(recipient=user, notification_type="WHATSAPP", provider_id=replied_to)
    found = set(rows.values_list("ticket_id", "is_internal")) if replied_to else set()
    both = {ticket_id for ticket_id, _ in found if ticket_id} | ({said.ticket_id} if said.ticket_id else set())
    return both.pop() if len(both) == 1 else None, any(is_internal for _, is_internal in found)


def _do(user: User, ticket_id: int, said: Said, *, is_internal: bool) -> Result:
    """By the verb, whose refusal undoes that alone."""
    if not Ticket.objects.visible_to(user).filter(pk=ticket_id).exists():
        return Result(REFUSED, NotVisible.code, ticket_id)
    if wrong := fault(said):
        return Result(REFUSED, wrong, ticket_id)
    try:
        with transaction.atomic():
            _act(user, ticket_id, said, is_internal=is_internal)
    except Refused as refusal:
        return Result(REFUSED, refusal.code, ticket_id)
    return Result(DONE, said.action, ticket_id, for_staff=is_internal and bool(said.comment))


def _act(user: User, ticket_id: int, said: Said, *, is_internal: bool) -> None:
    """What is said of something internal stays so: then `done …` is an internal comment, and finishes without one."""
    if said.action == "add_comment" or (is_internal and said.comment):
        tickets.add_comment(actor=user, ticket_id=ticket_id, comment=said.comment, is_internal=is_internal)
    if said.action == "finish_work":
        tickets.finish_work(actor=user, ticket_id=ticket_id, comment="" if is_internal else said.comment)
    if said.action == "start_work":
        tickets.start_work(actor=user, ticket_id=ticket_id)


def _open_questions(user: User) -> QuerySet[InboundMessage]:
    """What we have asked about and not been answered yet, newest first."""
    since = timezone.now() - ASKED_FOR
    return InboundMessage.objects.filter(user=user, outcome=ASKED, received_at__gt=since).order_by("-pk")


def _complete(user: User, ticket_id: int) -> Result:
    """The answer to our newest question; a number that the person cannot see leaves it open."""
    asked = _open_questions(user).first()
    if asked is None:
        return Result(REFUSED, "help")
    result = _do(user, ticket_id, understand(asked.text), is_internal=asked.is_internal)
    if result.code != NotVisible.code:
        _settle(asked, result)
    return result


def _settle(message: InboundMessage, result: Result) -> None:
    """Write down what came of it; a ticket that cannot be seen may not be there."""
    message.outcome, message.code = result.outcome, result.code
    message.ticket_id = None if result.code == NotVisible.code else result.ticket_id
    message.save(update_fields=["outcome", "code", "ticket", "is_internal"])


def _is_talkative(user: User, now: datetime) -> bool:
    """Whether the person has written more than is answered, this message included."""
    lately = InboundMessage.objects.filter(user=user, received_at__gt=now - IN).exclude(code="")
    return lately.count() > MOST_ANSWERS


def _answer(user: User, result: Result, inbound: Inbound, text: str) -> str:
    also = {"for_staff": result.for_staff, "no_files": inbound.has_files and result.code != "no_text"}
    codes = [result.code, *(code for code, applies in also.items() if applies)]
    number = "" if result.ticket_id is None else Ticket(pk=result.ticket_id).number
    return " ".join(in_words(code, user.locale, number=number, text=text) for code in codes)
