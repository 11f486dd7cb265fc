"""Tickets that open one socket or stream, where an access token would stay in addresses, logs and histories.

We keep their hashes only. Using one deletes it: of N parallel uses one wins.
"""

import hashlib
import secrets
from datetime import datetime, timedelta

from django.db import transaction
from django.utils.timezone import now

from core.actions import sessions
from core.domain.errors import SignInRefused
from core.models import OneTimeTicket, Session, User

LIFETIME = timedelta(seconds=30)
MOST_OPEN = 20  # of one session; the oldest beyond them stop working
PREFIX = "tk_"  # no JSON Web Token begins like this
SECRET_BYTES = 24
LONGEST = 64  # characters; ours have 35


def issue(*, session: Session) -> str:
    """A new ticket of this session."""
    ticket = PREFIX + secrets.token_urlsafe(SECRET_BYTES)
    with transaction.atomic():
        # One at a time, or the tickets of many at once would not be seen by each other.
        Session.objects.select_for_update(no_key=True).filter(pk=session.pk).exists()
        OneTimeTicket.objects.create(key=_key_of(ticket), session=session, expires_at=now() + LIFETIME)
        own = OneTimeTicket.objects.filter(session=session).order_by("-expires_at")
        OneTimeTicket.objects.filter(pk__in=own.values("pk")[MOST_OPEN:]).delete()
    return ticket


def redeem(text: str) -> tuple[User, Session]:
    """Use a ticket up, and say who came with it.

    Raise SignInRefused: token_invalid (also when expired, or used before), session_ended, user_inactive.
    """
    if len(text) > LONGEST:
        raise SignInRefused
    key = _key_of(text)
    found = OneTimeTicket.objects.select_related("session__user").filter(pk=key).first()
    used, _ = OneTimeTicket.objects.filter(pk=key, expires_at__gt=now()).delete() if found else (0, {})
    if found is None or not used:
        raise SignInRefused
    session = sessions.require_usable(found.session)
    return session.user, session


def authenticate(text: str) -> tuple[User, Session]:
    """Who comes with this ticket or access token; raise SignInRefused as `redeem` and `authenticate_access` do."""
    return redeem(text) if text.startswith(PREFIX) else sessions.authenticate_access(text)


def delete_expired(moment: datetime) -> None:
    """Delete what was never used."""
    OneTimeTicket.objects.filter(expires_at__lte=moment).delete()


def _key_of(ticket: str) -> str:
    """A plain hash will do: what it hides is random."""
    return hashlib.sha256(ticket.encode(errors="replace")).hexdigest()
