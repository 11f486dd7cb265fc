"""Guessing passwords is slow: few failures in a window, per account and address together and per address.

A try takes its place before the password is looked at, so parallel guesses count. A place is given back by the
right password only. Who comes while others are still being looked at waits for their outcome, so that people (and
programs) who sign in many times at once with the right password are not refused.
"""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from ipaddress import ip_address, ip_network

from django.db import connection, transaction
from django.utils.crypto import salted_hmac
from django.utils.timezone import now

from core.models import LoginAttempt, User

WINDOW = timedelta(minutes=15)
ACCOUNT_LIMIT = 5
ADDRESS_LIMIT = 50
SETTLES = timedelta(seconds=2)  # a try older than this is decided: it failed
LOOK_AGAIN = 0.05  # seconds


class TooManyAttempts(Exception):
    """Refused without looking at the password; the next try will be looked at after `wait`."""

    def __init__(self, *, wait: timedelta) -> None:
        self.wait = wait
        super().__init__(f"Too many attempts; next in {wait.total_seconds():.0f} s.")


@dataclass(frozen=True, slots=True)
class Place:
    """Whose password is tried (a keyed hash) and from where."""

    account: str
    address: str

    def give_back(self) -> None:
        """After the right password: forget the failures of this account at this address, this try included."""
        LoginAttempt.objects.filter(account=self.account, address=self.address).delete()


@dataclass(frozen=True, slots=True)
class _Full:
    """No place is free: when the next one is at the latest, and when the last one was taken."""

    free_at: datetime
    newest: datetime


def take_place(*, user: User | None, name: str, address: str) -> Place:
    """Count one try for `user`, or for what was typed where nobody has that name; raise TooManyAttempts."""
    place = Place(account=_account(user, name), address=_network(address))
    while full := _try(place):
        moment = now()
        if full.newest <= moment - SETTLES:
            raise TooManyAttempts(wait=full.free_at - moment)
        time.sleep(LOOK_AGAIN)
    return place


def delete_expired(moment: datetime) -> None:
    """Delete attempts that no longer count."""
    LoginAttempt.objects.filter(at__lte=moment - WINDOW).delete()


def _try(place: Place) -> _Full | None:
    with transaction.atomic():
        _queue_up(place.address)
        moment = now()
        rows = LoginAttempt.objects.filter(address=place.address, at__gt=moment - WINDOW).order_by("-at")
        attempts = list(rows.values_list("account", "at"))
        limits = (
            _full([at for account, at in attempts if account == place.account], ACCOUNT_LIMIT),
            _full([at for _, at in attempts], ADDRESS_LIMIT),
        )
        full = [each for each in limits if each]
        if full:
            return _Full(free_at=max(each.free_at for each in full), newest=min(each.newest for each in full))
        LoginAttempt.objects.create(account=place.account, address=place.address, at=moment)
        return None


def _full(newest_first: Sequence[datetime], limit: int) -> _Full | None:
    if len(newest_first) < limit:
        return None
    return _Full(free_at=newest_first[limit - 1] + WINDOW, newest=newest_first[0])


def _queue_up(address: str) -> None:
    """Let one try per address count at a time; SQLite's IMMEDIATE transactions do so by themselves."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"login {address}"])


def _account(user: User | None, name: str) -> str:
    """The same for a person's name and e-mail address."""
    return salted_hmac("core.login", f"user {user.pk}" if user else f"name {name.lower()}").hexdigest()


def _network(address: str) -> str:
    """An IPv6 customer has 2**64 addresses, so the whole /64 is one."""
    ip = ip_address(address)
    return str(ip if ip.version == 4 else ip_network((int(ip), 64), strict=False).network_address)
