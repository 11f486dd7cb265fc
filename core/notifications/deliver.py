"""Claim due rows, look again, send, record. At most one send at a time for each row, whatever crashes."""

from collections.abc import Callable

import structlog
from celery.worker import state as worker_state
from django.db import close_old_connections

from core.models import AttemptOutcome, DeliveryAttempt, NotificationLog
from core.notifications import bundles, circuit, ledger, outcomes, registry
from core.notifications.channel import Ambiguous, Channel, DeliveryError, Misconfigured, Unknown
from core.notifications.claims import BATCH, Claim, channels_with_work, claim, give_back, keep, lasts, renew
from core.notifications.doubt import may_repeat
from core.notifications.message import Outgoing
from core.notifications.outgoing import outgoing
from core.notifications.review import STUCK, in_turn, still_to_go
from core.notifications.second_look import SecondLook

logger = structlog.get_logger(__name__)


def stopping() -> bool:
    """Whether this worker has been told to end; it then gives back what it has not begun to send.

    Celery's own flag: by SIGTERM it becomes the exit code, which may be 0.
    """
    return worker_state.should_stop is not None and worker_state.should_stop is not False


def drain(channel_key: str, *, urgent: bool = False, more_hands: Callable[[], None] | None = None) -> None:
    """Send everything that is due on one channel, batch after batch; while there is more than one, ask for help.

    If it is `urgent`, only what is critical.
    """
    while not stopping() and channels_with_work([channel_key], urgent=urgent):
        with circuit.passage(channel_key, BATCH) as most:
            batch = claim(channel_key, urgent=urgent, most=most)
            if not batch.rows:
                return  # others hold what is due
            if more_hands and len(batch.rows) == BATCH:
                more_hands()
            send_batch(registry.channels()[channel_key], batch)


def send_batch(channel: Channel, batch: Claim) -> None:
    """Send a claimed batch. When the channel rests, at shutdown or when it takes long, give back what is left."""
    look = SecondLook.at(batch)
    rows = bundles.gather(channel, batch, in_turn(still_to_go(batch.rows, channel, look), look), look)
    attempt = None  # of the row at hand, when it was begun with the outcome of the row before
    for index, row in enumerate(rows, 1):
        rest = rows[index:]
        try:
            attempt = send_one(channel, batch, row, look, attempt, following=rest[0] if rest else None)
        except circuit.Rests:
            return give_back(batch.token, rest)
        except Exception:
            # The database's fault or ours. The row is taken again after its lease; it must not hold up the others.
            logger.exception(STUCK, delivery=row.pk, channel=row.notification_type)
            close_old_connections()  # one that broke stays broken
            attempt = None
        if attempt is None and not goes_on(look):
            return give_back(batch.token, rest)
    return None


def goes_on(look: SecondLook) -> bool:
    """Whether one more row of this batch may be begun."""
    return not stopping() and look.is_fresh()


def send_one(
    channel: Channel,
    batch: Claim,
    row: NotificationLog,
    look: SecondLook,
    attempt: DeliveryAttempt | None = None,
    *,
    following: NotificationLog | None = None,
) -> DeliveryAttempt | None:
    """One attempt: its own row first, then the network, then the result. Raises `Rests` when nothing more may be sent.

    A success is written together with the attempt of the row that follows, which is returned: one transaction a mail.
    """
    attempt = attempt or (ledger.begin(row, batch.token) if keep(batch.token, row) else None)
    if attempt is None:
        return None  # somebody else has it now
    if not keep(batch.token, row):  # writing the attempt down took long
        ledger.finish(attempt, AttemptOutcome.TRANSIENT, "lease_lost")
        return None
    unsure, doubts = row.pk in look.unsure, look.doubts[row.pk]
    try:
        provider_id = transmit(channel, batch, row, attempt, unsure=unsure, doubts=doubts)
    except DeliveryError as error:
        outcomes.fail(row, attempt, error, unsure=unsure, doubts=doubts)
        circuit.failed(row, error)
    except Exception as error:
        # A bug of ours or a surprise from a library: it may have been sent. So it is looked up first, or in doubt.
        logger.exception("delivery_crashed", delivery=row.pk, channel=row.notification_type)
        lost = Ambiguous if channel.can_be_asked else Unknown
        outcomes.fail(row, attempt, lost(type(error).__name__), unsure=unsure, doubts=doubts)
    else:
        may_follow = following is not None and lasts(following) and goes_on(look)
        begun = outcomes.succeed(row, attempt, provider_id, following if may_follow else None)
        circuit.answered(channel.key)
        return begun
    return None


def transmit(
    channel: Channel, batch: Claim, row: NotificationLog, attempt: DeliveryAttempt, *, unsure: bool, doubts: int
) -> str:
    """Send, and return the provider's id; first look up what a crash or a timeout left open."""
    address, message = channel.address(row.recipient) or "", outgoing(row, attempt)
    if unsure:
        provider_id = look_up(channel, address, message, attempt, or_repeat=may_repeat(channel.key, doubts))
        if provider_id is not None:
            return provider_id
        if not renew(batch.token, row):
            raise Ambiguous("lease_lost")
    return channel.send(address, message)


def look_up(
    channel: Channel, address: str, message: Outgoing, attempt: DeliveryAttempt, *, or_repeat: bool
) -> str | None:
    """Ask the provider; while it does not answer, the delivery stays ambiguous, or goes again where that is wanted."""
    try:
        found = channel.look_up(address, message)
    except Misconfigured:
        raise
    except DeliveryError as error:
        if or_repeat:
            return None
        raise Ambiguous(error.code, retry_after=getattr(error, "retry_after", None)) from error
    if found is None and channel.can_be_asked:
        ledger.not_found(attempt)
    return found
