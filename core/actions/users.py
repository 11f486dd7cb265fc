"""What admins do with other people: make, change, invite, deactivate. Nobody is deleted: tickets and history stay."""

from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.utils import timezone

from core.actions import accounts
from core.actions.passwords import require_strong
from core.domain.errors import Conflict, Invalid
from core.models import User
from core.notifications.letters import USER_INVITED
from core.notifications.post import post

CHANGEABLE = frozenset(
    {"username", "email", "role", "first_name", "last_name", "phone_number", "locale", "timezone"}  # not the password
)
OWN_ROLE = {"role": ["You cannot change your own role. Another admin can."]}


def create(*, actor: User, password: str | None = None, **fields: Any) -> User:
    """Make an account of what the caller has checked. Without a password its owner is invited to choose one."""
    user = User(**fields)
    user.email = User.objects.normalize_email(user.email)
    if password is not None:
        require_strong(password, user)
    user.set_password(password)
    return add(actor=actor, account=user)


def add(*, actor: User, account: User) -> User:
    """Store a new account, and invite its owner if it has no password."""
    with transaction.atomic():
        accounts.save(account=account)
        if not account.has_usable_password():
            post(USER_INVITED, to=account, actor=actor)
    return account


def change(*, actor: User, account: User, changes: Mapping[str, Any]) -> User:
    """Change some of CHANGEABLE, checked by the caller. Another role ends the person's sessions."""
    allowed = {name: value for name, value in changes.items() if name in CHANGEABLE}
    if account.pk == actor.pk and allowed.get("role", account.role) != account.role:
        raise Invalid(OWN_ROLE)
    for name, value in allowed.items():
        setattr(account, name, value)
    accounts.save(account=account, fields=allowed)
    return account


def activate(*, account: User) -> User:
    """Let somebody sign in again."""
    return _set_active(account, active=True)


def deactivate(*, actor: User, account: User) -> User:
    """End somebody's sessions and let nobody sign in as them. Tickets and history stay."""
    if account.pk == actor.pk:
        raise Conflict("You cannot deactivate yourself. Another admin can.", code="own_account")
    return _set_active(account, active=False)


def invite(*, actor: User, account: User) -> None:
    """Send the invitation once more, as long as it has not been followed."""
    with transaction.atomic():
        if not account.is_active:
            raise Conflict("This account has been deactivated.", code="user_inactive")
        if account.has_usable_password():
            raise Conflict("This person has set a password already.", code="password_is_set")
        post(USER_INVITED, to=account, actor=actor, key=f"{account.pk}:{this_minute()}")


def this_minute() -> str:
    """However often an admin presses the button, one invitation a minute goes out."""
    return f"{timezone.now():%Y%m%d%H%M}"


def _set_active(account: User, *, active: bool) -> User:
    account.is_active = active
    accounts.save(account=account, fields=["is_active"])
    return account
