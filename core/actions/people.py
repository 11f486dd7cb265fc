"""What people change about themselves."""

from collections.abc import Mapping
from typing import Any

import structlog
from django.db import transaction

from core.actions import login_throttle, phone, sessions
from core.actions.passwords import require_strong
from core.domain.errors import Invalid
from core.models import Session, User

logger = structlog.get_logger(__name__)

PROFILE = frozenset({"first_name", "last_name", "phone_number", "locale", "timezone"})
WRONG_PASSWORD = {"old_password": ["This is not your current password."]}


def change_profile(*, user: User, changes: Mapping[str, Any]) -> User:
    """Change some of PROFILE, checked by the caller; anything else is not a person's own to change."""
    allowed = {name: value for name, value in changes.items() if name in PROFILE}
    with transaction.atomic():
        also = phone.forget(user) if "phone_number" in allowed and _is_new(user, allowed["phone_number"]) else ()
        for name, value in allowed.items():
            setattr(user, name, value)
        user.save(update_fields=[*allowed, *also])
    return user


def _is_new(user: User, number: str) -> bool:
    """Whether it is not the number that the person has now; locked, since that may be being verified."""
    now = User.objects.select_for_update(no_key=True).get(pk=user.pk)
    return str(now.phone_number) != str(number)


def change_password(*, session: Session, old: str, new: str, address: str) -> None:
    """Set a new password and end every other session of this person.

    Raise Invalid for a wrong old or a weak new password. Wrong old ones count as failed sign-ins, since a stolen
    access token must not become a way to guess: TooManyAttempts.
    """
    user = session.user
    place = login_throttle.take_place(user=user, name=user.username, address=address)
    if not user.check_password(old):
        place.failed()
        logger.info("password_change_refused", user_id=user.pk)
        raise Invalid(WRONG_PASSWORD)
    place.succeeded()
    require_strong(new, user, field="new_password")
    checked = user.password
    user.set_password(new)
    with transaction.atomic():
        # Another change that won meanwhile made `old` wrong.
        if not User.objects.filter(pk=user.pk, password=checked).update(password=user.password):
            raise Invalid(WRONG_PASSWORD)
        sessions.end_others(user=user, keep=session.pk)
    logger.info("password_changed", user_id=user.pk)
