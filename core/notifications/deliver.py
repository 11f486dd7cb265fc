"""Claim due rows, look again, send, record. At most one send at a time for each row, whatever crashes."""

import time
from dataclasses import replace

import structlog
from celery.worker import state as worker_state
from django.conf import settings

from core.models import NotificationLog
from core.notifications import ledger, letters, outcomes, registry
from core.notifications.channel import Ambiguous, Channel, DeliveryError, Misconfigured
from core.notifications.claims import Claim, channels_with_work, claim, give_back, keep, renew
from core.notifications.message import Outgoing
from core.notifications.second_look import SecondLook

LOOK_LASTS = 30.0  # seconds after which a batch whose sends are slow is looked at anew

logger = structlog.get_logger(__name__)


def stopping() -> bool:
    """Whether this worker has been told to end; it then gives back what it has not begun to send.

    Celery's own flag: by SIGTERM it becomes the exit code, which may be 0.
    """
    return worker_state.should_stop is not None and worker_state.should_stop is not False


def drain(channel_key: str) -> None:
    """Send everything that is due on one channel, batch after batch."""
    while not stopping() and channels_with_work([channel_key]):
        batch = claim(channel_key)
        if not batch.rows:
            return  # others hold what is due
        send_batch(registry.channels()[channel_key], batch)


def send_batch(channel: Channel, batch: Claim) -> None:
    """Send a claimed batch. On a wrong configuration, at shutdown or when it takes long, give back what is left."""
    look, look_again_at = SecondLook.at(batch), time.monotonic() + LOOK_LASTS
    for index, row in enumerate(batch.rows):
        rest = batch.rows[index:]
        if stopping() or (index and time.monotonic() > look_again_at):
            return give_back(batch.token, rest)
        try:
            send_unless_objected(channel, batch, row, look)
        except Misconfigured:
            return give_back(batch.token, rest[1:])
        except Exception:
            # The database's fault or ours. The row is taken again after its lease; it must not hold up the others.
            logger.exception("delivery_stuck", delivery=row.pk, channel=row.notification_type)
    return None


def send_unless_objected(channel: Channel, batch: Claim, row: NotificationLog, look: SecondLook) -> None:
    """Send one row, unless somebody else has it now or there is an objection."""
    if not keep(batch.token, row):
        return
    if row.event not in registry.events() and row.event not in letters.LETTERS:
        outcomes.leave(row)
    elif objection := look.objection(row, channel):
        outcomes.drop(row, *objection)
    else:
        send_one(channel, batch, row, unsure=row.pk in look.unsure)


def send_one(channel: Channel, batch: Claim, row: NotificationLog, *, unsure: bool) -> None:
    """One attempt: its own row first, then the network, then the result. Raises Misconfigured only."""
    attempt = ledger.begin(row, batch.token)
    if attempt is None:
        return
    try:
        provider_id = transmit(channel, batch, row, unsure=unsure)
    except DeliveryError as error:
        outcomes.fail(row, attempt, error, unsure=unsure)
        if isinstance(error, Misconfigured):
            raise
    except Exception as error:
        # A bug of ours or a surprise from a library: it may have been sent, so it is looked up first.
        logger.exception("delivery_crashed", delivery=row.pk, channel=row.notification_type)
        outcomes.fail(row, attempt, Ambiguous(type(error).__name__))
    else:
        outcomes.succeed(row, attempt, provider_id)


def transmit(channel: Channel, batch: Claim, row: NotificationLog, *, unsure: bool) -> str:
    """Send, and return the provider's id; first look up what a crash or a timeout left open."""
    address, message = channel.address(row.recipient) or "", outgoing(row)
    if unsure:
        provider_id = look_up(channel, address, message)
        if provider_id is not None:
            return provider_id
        if not renew(batch.token, row):
            raise Ambiguous("lease_lost")
    return channel.send(address, message)


def look_up(channel: Channel, address: str, message: Outgoing) -> str | None:
    """Ask the provider; while it does not answer, the delivery stays ambiguous."""
    try:
        return channel.look_up(address, message)
    except Misconfigured:
        raise
    except DeliveryError as error:
        raise Ambiguous(error.code, retry_after=getattr(error, "retry_after", None)) from error


def outgoing(row: NotificationLog) -> Outgoing:
    """A row in the words and with the link its channel needs."""
    message = Outgoing(
        delivery_id=row.pk,
        event=row.event,
        resource=f"{row.resource_type}-{row.resource_id}",
        number=(row.ticket_snapshot or {}).get("number", ""),
        subject=row.subject,
        text=row.message,
        link=f"{settings.PUBLIC_URL}/n/{row.link_key}/",
        created_at=row.created_at,
    )
    if letter := letters.LETTERS.get(row.event):
        return replace(message, link=letter.link(row.recipient), button="Set a password")
    return message
