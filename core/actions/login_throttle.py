"""Guessing passwords is slow: few failures in a window, per account and address together and per address.

A try takes its place before the password is looked at, so parallel guesses count; only the right password gives it
back. Who comes while the last places are taken by tries still under way waits for their outcome, so that many
sign-ins at once with the right password are not refused.
"""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from ipaddress import IPv6Network, ip_address

from django.db import connection, transaction
from django.utils.crypto import salted_hmac
from django.utils.timezone import now

from core.models import LoginAttempt, User

WINDOW = timedelta(minutes=15)
ACCOUNT_LIMIT = 5
ADDRESS_LIMIT = 50
UNDER_WAY = timedelta(seconds=10)  # a younger row may be a try whose password is being looked at
LOOK_AGAIN = 0.05  # seconds


class TooManyAttempts(Exception):
    """Refused without looking at the password; the next try will be looked at after `wait`."""

    def __init__(self, *, wait: timedelta) -> None:
        self.wait = wait
        super().__init__(f"Too many attempts; next in {wait.total_seconds():.0f} s.")


@dataclass(frozen=True, slots=True)
class Place:
    """One try that counts. Whoever took it says how it went."""

    attempt: LoginAttempt

    def succeeded(self) -> None:
        """Forget the failures of this account at this address, this try included."""
        LoginAttempt.objects.filter(account=self.attempt.account, address=self.attempt.address).delete()

    def failed(self) -> None:
        """Date the try back, so that nobody waits for its outcome."""
        LoginAttempt.objects.filter(pk=self.attempt.pk).update(at=self.attempt.at - UNDER_WAY)


@dataclass(frozen=True, slots=True)
class _Full:
    """No place is free: when the next one is at the latest, and when the last one was taken."""

    free_at: datetime
    newest: datetime


def take_place(*, user: User | None, name: str, address: str) -> Place:
    """Count one try for `user`, or for what was typed where nobody has that name; raise TooManyAttempts."""
    account, network = _account(user, name), _network(address)
    while isinstance(found := _try(account, network), _Full):
        moment = now()
        if found.newest <= moment - UNDER_WAY:
            raise TooManyAttempts(wait=found.free_at - moment)
        time.sleep(LOOK_AGAIN)
    return Place(found)


def delete_expired(moment: datetime) -> None:
    """Delete attempts that no longer count."""
    LoginAttempt.objects.filter(at__lte=moment - WINDOW).delete()


def _try(account: str, address: str) -> LoginAttempt | _Full:
    with transaction.atomic():
        _queue_up(address)
        moment = now()
        rows = LoginAttempt.objects.filter(address=address, at__gt=moment - WINDOW).order_by("-at")
        attempts = list(rows.values_list("account", "at"))
        limits = (
            _full([at for of, at in attempts if of == account], ACCOUNT_LIMIT),
            _full([at for _, at in attempts], ADDRESS_LIMIT),
        )
        full = [each for each in limits if each]
        if full:
            return _Full(free_at=max(each.free_at for each in full), newest=min(each.newest for each in full))
        return LoginAttempt.objects.create(account=account, address=address, at=moment)


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
    return str(ip if ip.version == 4 else IPv6Network((int(ip), 64), strict=False).network_address)
