"""A forgotten or first password, set by whoever can read the person's mail."""

import structlog
from django.db import transaction

from core.actions import login_throttle, sessions
from core.actions.passwords import require_strong
from core.actions.slots import free_slot, this_hour
from core.domain.errors import Invalid
from core.models import User
from core.notifications import letters
from core.notifications.post import post

logger = structlog.get_logger(__name__)

LETTERS_AN_HOUR = 3  # a person; a stranger must not fill a mailbox
USED_OR_EXPIRED = {"token": ["This link has been used, has expired, or is not whole. Ask for a new one."]}
NOBODY = User(pk=0, username="nobody")


def request(*, email: str, address: str) -> None:
    """Write to whoever has this e-mail address, if it is an active person who has not had enough letters.

    What nobody learns from the answer, nobody learns from the time it takes either: the same statements run in any
    case, and what was written to nobody is taken back. Raise TooManyAttempts, by what was typed and by address.
    """
    place = login_throttle.take_place(user=None, name=f"reset {email}", address=address)  # no sign-in's: it has a space
    user = User.objects.matching("email", email).first()
    to = user if user and user.is_active else NOBODY
    letter = letters.PASSWORD_RESET
    with transaction.atomic():
        place.failed()
        slot = free_slot(letter.key, to, letter.channel, this_hour(), LETTERS_AN_HOUR)
        with transaction.atomic():
            post(letter, to=to, key=slot or "none")
            transaction.set_rollback(to is NOBODY or slot is None)
    logger.info("password_reset_requested", user_id=user.pk if user else None)


def confirm(*, uid: str, token: str, new: str) -> User:
    """Set a password with what a letter holds, and end every session. Works for invitations, too.

    Raise Invalid for a token that is not, or no longer, good, and for a weak password.
    """
    user = find(uid=uid, token=token)
    if user is None:
        raise Invalid(USED_OR_EXPIRED)
    require_strong(new, user, field="new_password")
    checked = user.password
    user.set_password(new)
    with transaction.atomic():
        # Of two uses at once one wins; a sign-in or another address meanwhile has ended the link, too.
        same = User.objects.filter(pk=user.pk, password=checked, last_login=user.last_login, email=user.email)
        if not same.filter(is_active=True).update(password=user.password):
            raise Invalid(USED_OR_EXPIRED)
        sessions.end_all(user=user)
    logger.info("password_reset", user_id=user.pk)
    return user


def find(*, uid: str, token: str) -> User | None:
    """Whose password may be set with this; None when the link does not work (any more)."""
    if not (uid.isascii() and uid.isdecimal() and len(uid) <= 18):
        return None
    user = User.objects.filter(pk=uid, is_active=True).first()
    return user if user and letters.accepts(user, token) else None
