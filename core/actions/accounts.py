"""What an admin does with accounts."""

from collections.abc import Collection

import structlog
from django.db import IntegrityError, transaction
from django.db.models import Q

from core.actions import inbox, jobs, phone, sessions, unread
from core.domain.errors import Conflict, Invalid
from core.domain.policies import sees_internal
from core.models import Role, StoredAnswer, User

logger = structlog.get_logger(__name__)

DECISIVE = ("role", "is_active", "password")  # what must not outlive a change in an open session
MAKING_ADMINS = ("role", "is_active")
TAKEN = {"username": "This username is taken.", "email": "This e-mail address is taken."}
LAST_ADMIN = "This is the last active admin. Make somebody else an admin first."


def save(*, account: User, fields: Collection[str] | None = None) -> None:
    """Store a new account, or just `fields` of a known one: the others may have changed since it was read.

    Another role, another password or deactivation ends its sessions at once; another role also its watches, since a
    developer sees what it watches, but not its assignments: work must not lie there without anybody's name on it.
    What its tasks have left goes, too. Answers kept for repeated requests go with role or activity, and what was
    internal with being staff. Raise Invalid for a name or an address that is taken, Conflict (last_admin).
    """
    try:
        with transaction.atomic():
            if fields is None:
                account.save(force_insert=True)
            else:
                _change(account, fields)
    except IntegrityError as error:
        if taken := _taken(account):
            raise Invalid(taken) from error
        raise
    logger.info("account_saved", account=account.pk, fields="all" if fields is None else sorted(fields))


def _change(account: User, fields: Collection[str]) -> None:
    before, other_admins = _lock(account)
    differs = {name for name in fields if getattr(before, name) != getattr(account, name)}
    if differs.intersection(MAKING_ADMINS) and _is_active_admin(before) and not other_admins:
        raise Conflict(LAST_ADMIN, code="last_admin")
    also = phone.forget(account) if "phone_number" in differs else ()
    account.save(update_fields=[*fields, *also])
    if differs.intersection(DECISIVE):
        sessions.end_all(user=account)
    if "role" in differs:
        account.watches.all().delete()
        jobs.expire_results(owner=account)
        if not sees_internal(account.role):
            inbox.forget_internal(account)
    if differs.intersection(MAKING_ADMINS):
        unread.sees_others(account.pk)
        # not those under way, which would be waited for
        StoredAnswer.objects.filter(user=account, status_code__isnull=False).delete()


def _lock(account: User) -> tuple[User, bool]:
    """The account as it is now, and whether there are other active admins; all locked, in order.

    So that of two admins who take each other's role at once, the second finds that it would be the last.
    """
    wanted = User.objects.filter(Q(pk=account.pk) | Q(role=Role.ADMIN, is_active=True)).order_by("pk")
    people = {user.pk: user for user in wanted.select_for_update(no_key=True)}
    before = people.pop(account.pk)
    return before, any(_is_active_admin(user) for user in people.values())


def _is_active_admin(user: User) -> bool:
    return user.is_active and user.role == Role.ADMIN


def _taken(account: User) -> dict[str, list[str]]:
    """Which of the account's names somebody else has, in whatever case."""

    def has(name: str) -> bool:
        return User.objects.matching(name, getattr(account, name)).exclude(pk=account.pk).exists()

    return {name: [text] for name, text in TAKEN.items() if has(name)}
