"""What somebody wrote to us by WhatsApp: consent, or work on a ticket, by the ordinary verbs and their rules."""

import re
from datetime import datetime, timedelta
from typing import NamedTuple

import structlog
from django.db import transaction
from django.utils import timezone

from core.actions import tickets
from core.actions.answers import in_words
from core.domain.errors import NotVisible, Refused
from core.domain.replies import Said, bare, consents, fault, understand
from core.domain.texts import can_be_seen
from core.models import InboundMessage, NotificationLog, Ticket, User

logger = structlog.get_logger(__name__)

ASKED_FOR = timedelta(hours=1)  # how long a question waits for its answer
KEPT = timedelta(days=90)
LONGEST = 4_096  # characters: as long as WhatsApp's messages are
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


class Result(NamedTuple):
    """What came of it. Without a `code` there is nothing to answer."""

    outcome: InboundMessage.Outcome
    code: str = ""
    ticket_id: int | None = None


def receive(*, inbound: Inbound) -> str:
    """Do what the message asks for, once however often it comes; return what its writer is answered, or nothing.

    Whoever has not verified this number is a stranger: nothing is done or revealed, only the time is written down, as
    WhatsApp lets us answer for a day.
    """
    text = UNPRINTABLE.sub("", inbound.text).strip()[:LONGEST]
    with transaction.atomic():
        people = _whose(inbound.sender)
        user = next((one for one in people if one.phone_verified_at and one.is_active), None)
        message, is_new = InboundMessage.objects.get_or_create(
            sid=inbound.sid,
            defaults={"user": user, "text": text if user else "", "outcome": IGNORED, "received_at": timezone.now()},
        )
        if not is_new:
            return ""
        User.objects.filter(pk__in=[one.pk for one in people]).update(whatsapp_inbound_at=message.received_at)
        result = _follow(user, message, inbound) if user else Result(IGNORED)
        _settle(message, result)
    logger.info(
        "reply_received", message=message.pk, user_id=user and user.pk, outcome=result.outcome, code=result.code
    )
    if user is None or not result.code:
        return ""
    number = Ticket(pk=result.ticket_id).number if result.ticket_id else ""
    return in_words(result.code, user.locale, number=number, text=text)


def delete_expired(moment: datetime) -> None:
    """Forget what was written long ago."""
    InboundMessage.objects.filter(received_at__lte=moment - KEPT).delete()


def _whose(sender: str) -> list[User]:
    """Everybody who has this number, locked in order; at most one of them has verified it."""
    if not PHONE_NUMBER.fullmatch(sender):
        return []
    return list(User.objects.filter(phone_number=sender).order_by("pk").select_for_update(no_key=True))


def _follow(user: User, message: InboundMessage, inbound: Inbound) -> Result:
    wish = consents(message.text, inbound.told)
    if wish is False or (wish and not user.whatsapp_opted_in):  # else it says what START and YES say at work
        User.objects.filter(pk=user.pk).update(whatsapp_opted_in=wish)
        return Result(DONE, "" if inbound.told else "started" if wish else "stopped")
    if inbound.told == "HELP":
        return Result(IGNORED)
    if bare(message.text) == "help":
        return Result(DONE, "help")
    if not can_be_seen(message.text):
        return Result(REFUSED, "no_text")
    said = understand(message.text)
    if said.ticket_id and not said.action:
        return _complete(user, said.ticket_id)
    meant = _meant(user, said, inbound.replied_to)
    return _do(user, meant, said) if meant else Result(ASKED, "which_ticket")


def _meant(user: User, said: Said, replied_to: str) -> int | None:
    """The one ticket that is named or replied to; None when there is none, or they differ: nobody guesses."""
    rows = NotificationLog.objects.filter(recipient=user, notification_type="WHATSAPP", provider_id=replied_to)
    found = set(rows.exclude(ticket=None).values_list("ticket_id", flat=True)) if replied_to else set()
    named = {said.ticket_id} if said.ticket_id else set()
    both = found | named
    return both.pop() if len(both) == 1 else None


def _do(user: User, ticket_id: int, said: Said) -> Result:
    """By the verb, whose refusal undoes that alone."""
    if not Ticket.objects.visible_to(user).filter(pk=ticket_id).exists():
        return Result(REFUSED, NotVisible.code, ticket_id)
    if wrong := fault(said):
        return Result(REFUSED, wrong, ticket_id)
    try:
        if said.action == "start_work":
            tickets.start_work(actor=user, ticket_id=ticket_id)
        elif said.action == "finish_work":
            tickets.finish_work(actor=user, ticket_id=ticket_id, comment=said.comment)
        else:
            tickets.add_comment(actor=user, ticket_id=ticket_id, comment=said.comment)
    except Refused as refusal:
        return Result(REFUSED, refusal.code, ticket_id)
    return Result(DONE, said.action, ticket_id)


def _complete(user: User, ticket_id: int) -> Result:
    """The answer to our newest question; a number that the person cannot see leaves it open."""
    since = timezone.now() - ASKED_FOR
    asked = InboundMessage.objects.filter(user=user, outcome=ASKED, received_at__gt=since).order_by("-pk").first()
    if asked is None:
        return Result(REFUSED, "help")
    result = _do(user, ticket_id, understand(asked.text))
    if result.code != NotVisible.code:
        _settle(asked, result)
    return result


def _settle(message: InboundMessage, result: Result) -> None:
    """Write down what came of it; a ticket that cannot be seen may not be there."""
    message.outcome, message.code = result.outcome, result.code
    message.ticket_id = None if result.code == NotVisible.code else result.ticket_id
    message.save(update_fields=["outcome", "code", "ticket"])
