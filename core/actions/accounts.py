"""What an admin does with accounts."""

from collections.abc import Collection

import structlog
from django.db import transaction

from core.actions import sessions
from core.models import User

logger = structlog.get_logger(__name__)

DECISIVE = ("role", "is_active", "password")  # what must not outlive a change in an open session


def save(*, account: User, fields: Collection[str] | None = None) -> None:
    """Store a new account, or just `fields` of a known one: the others may have changed since it was read.

    Another role, another password or deactivation ends its sessions at once.
    """
    with transaction.atomic():
        if fields is None:
            account.save(force_insert=True)
        else:
            before = User.objects.select_for_update().get(pk=account.pk)
            account.save(update_fields=fields)
            if any(name in fields and getattr(before, name) != getattr(account, name) for name in DECISIVE):
                sessions.end_all(user=account)
    logger.info("account_saved", account=account.pk, fields="all" if fields is None else sorted(fields))
