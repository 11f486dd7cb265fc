"""WhatsApp through Twilio: a template when one is configured (`TWILIO_CONTENT_SIDS`), else plain text."""

import json
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.utils import timezone

from core.models import User
from core.notifications import outbox, twilio
from core.notifications.channel import Ambiguous, Channel, Permanent, Shown
from core.notifications.consent import has_stopped
from core.notifications.message import Outgoing
from core.notifications.phone_code import PHONE_CODE

MAX_BODY = 1_600  # characters Twilio takes (error 21617)
CLOCKS_DIFFER = timedelta(minutes=5)  # by at most this: the provider's from ours
MAX_VARIABLE = 700  # WhatsApp's templates are 1,024 characters with all their variables
WINDOW = timedelta(hours=24) - CLOCKS_DIFFER  # after somebody wrote to us WhatsApp takes free text (else error 63016)
NO_NUMBER = "-"  # a variable must not be empty


class WhatsApp(Channel):
    key = "WHATSAPP"
    no_address = "no_phone_number"

    def address(self, user: User) -> str | None:
        return f"whatsapp:{user.phone_number}" if user.phone_number else None

    def obstacle(self, user: User, event: str) -> str:
        """Only to who has shown that the number is theirs, which takes a code, and has not said STOP."""
        if not user.phone_number:
            return self.no_address
        is_code = event == PHONE_CODE.key
        if not (is_code or user.phone_verified_at):
            return "phone_not_verified"
        if has_stopped(str(user.phone_number)) if is_code else not user.whatsapp_opted_in:
            return "not_opted_in"
        return "" if template(event) or takes_text(user) else "template_required"

    def send(self, address: str, message: Outgoing) -> str:
        if not configured():
            outbox.put(key=message.link_path, channel=self.key, recipient=address, body=body(message))
            return message.link_path
        callback = {}
        if twilio.reports_back():
            callback["status_callback"] = twilio.status_callback(message.delivery_id, message.attempt_id)
        try:
            sent = twilio.client().messages.create(
                to=address, from_=f"whatsapp:{settings.TWILIO_WHATSAPP_FROM}", **content(message), **callback
            )
        except Permanent as error:
            if error.code == twilio.OPTED_OUT:
                opt_out(message.recipient_id, address)
            raise
        if not sent.sid:
            raise Ambiguous("garbled")
        return str(sent.sid)

    def look_up(self, address: str, message: Outgoing) -> str | None:
        """Search what was sent to this person since the event, newest first, for this delivery's link, or its code.

        What is found and did not get through may go again.
        """
        if not configured():
            return None
        mark, oldest = message.code or message.link_path, message.created_at - CLOCKS_DIFFER
        for sent in twilio.client().messages.stream(to=address, page_size=100):
            if mark in (sent.body or "") and str(sent.status) not in twilio.LOST:
                return str(sent.sid)
            if sent.date_created and sent.date_created < oldest:
                break
        return None

    def show(self, message: Outgoing) -> Shown:
        return Shown("", body(message))


def configured() -> bool:
    """Whether there is an account to send from."""
    return bool(settings.TWILIO_ACCOUNT_SID and settings.TWILIO_AUTH_TOKEN and settings.TWILIO_WHATSAPP_FROM)


def opt_out(user_id: int, address: str) -> None:
    """Twilio says that this number has had enough of us; a new number of that person's has not."""
    number = address.removeprefix("whatsapp:")
    User.objects.filter(pk=user_id, phone_number=number).update(whatsapp_opted_in=False)


def shortened(text: str, room: int) -> str:
    return text if len(text) <= room else f"{text[: room - 1]}…"


def body(message: Outgoing) -> str:
    """Plain text; the link is never cut off."""
    return f"{shortened(message.text, MAX_BODY - len(message.link) - 1)}\n{message.link}"


def takes_text(user: User) -> bool:
    """Whether WhatsApp lets us write freely; the outbox always does."""
    wrote_at = user.whatsapp_inbound_at
    return not configured() or (wrote_at is not None and wrote_at > timezone.now() - WINDOW)


def template(event: str) -> str:
    """The template for an event, "" without one. A code has one of its own kind: WhatsApp allows no other for it."""
    sids = settings.TWILIO_CONTENT_SIDS
    return sids.get(event, "") if event == PHONE_CODE.key else sids.get(event) or sids.get("default", "")


def content(message: Outgoing) -> dict[str, Any]:
    """What to say, as arguments of the client: template and variables, or a body.

    Variables hold no line breaks and no runs of spaces: WhatsApp refuses them (error 63013).
    """
    sid = template(message.event)
    if not sid:
        return {"body": body(message)}
    text = shortened(" ".join(message.text.split()), MAX_VARIABLE)
    variables = {"1": message.number or NO_NUMBER, "2": text, "3": message.link}
    if message.code:
        variables = {"1": message.code}
    return {"content_sid": sid, "content_variables": json.dumps(variables)}


channel = WhatsApp()
