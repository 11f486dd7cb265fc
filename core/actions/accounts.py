"""What an admin does with accounts."""

import structlog
from django.db import transaction

from core.actions import sessions
from core.models import User

logger = structlog.get_logger(__name__)


def save(*, account: User) -> None:
    """Store a new or changed account. Another role, another password or deactivation ends its sessions at once."""
    with transaction.atomic():
        before = User.objects.select_for_update().filter(pk=account.pk).first()
        account.save()
        if before and decisive(before) != decisive(account):
            sessions.end_all(user=account)
    logger.info("account_saved", account=account.pk, role=account.role, is_active=account.is_active)


def decisive(account: User) -> tuple[str, bool, str]:
    """What must not outlive a change in an open session."""
    return account.role, account.is_active, account.password
