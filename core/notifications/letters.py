"""Letters: mails about somebody's own account, which carry a link to set a password.

A letter's row holds no secret. The link is made when the letter is sent; it works once and for a while: whatever it
was signed over changes with the password, the e-mail address or the next sign-in.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import urlencode

from django.conf import settings
from django.core.signing import BadSignature, TimestampSigner
from django.utils import timezone

from core.models import NotificationLog, User
from core.notifications.message import Message

PAGE = "/account/password/"  # ours, for installations without an app that has one


@dataclass(frozen=True, slots=True)
class Letter:
    """`message` gets the recipient and the full name of whoever caused it, or ""."""

    key: str
    lifetime: timedelta
    message: Callable[[User, str], Message]
    is_moot: Callable[[User], bool]

    def token(self, user: User) -> str:
        """What proves that the letter was read. Only its signature is given away, not what is signed."""
        state = state_of(user)
        return self._signer().sign(state).removeprefix(f"{state}.")

    def accepts(self, user: User, token: str) -> bool:
        """Whether this is a token of this letter to `user`, unused and not expired."""
        try:
            self._signer().unsign(f"{state_of(user)}.{token}", max_age=self.lifetime)
        except BadSignature:
            return False
        return True

    def link(self, user: User) -> str:
        """Where a new password is set: our page, or the app's."""
        page = settings.PASSWORD_RESET_URL or f"{settings.PUBLIC_URL}{PAGE}"
        return f"{page}?{urlencode({'uid': user.pk, 'token': self.token(user)})}"

    def _signer(self) -> TimestampSigner:
        return TimestampSigner(sep=".", salt=f"core.letters.{self.key}")


def state_of(user: User) -> str:
    """What must not have changed since the letter was sent."""
    return f"{user.pk} {user.password} {user.last_login and user.last_login.timestamp()} {user.email}"


def reset_words(user: User, _actor: str) -> Message:
    return Message(
        subject="Set a new password",
        text=f"Somebody, hopefully you, asked for a new password for “{user.username}”. The link works once, within an "
        "hour. If it was not you, do nothing: your password stays as it is.",
    )


def invitation_words(user: User, actor: str) -> Message:
    return Message(
        subject="You have been invited to Incident Management",
        text=f"{actor or 'An admin'} has made an account for you: “{user.username}”. Choose a password, then sign in. "
        "The link works once, within 7 days.",
    )


PASSWORD_RESET = Letter("password_reset", timedelta(hours=1), reset_words, lambda _user: False)
USER_INVITED = Letter("user_invited", timedelta(days=7), invitation_words, User.has_usable_password)
LETTERS = {letter.key: letter for letter in (PASSWORD_RESET, USER_INVITED)}


def accepts(user: User, token: str) -> bool:
    """Whether `token` stands in some letter to `user` and still works."""
    return any(letter.accepts(user, token) for letter in LETTERS.values())


def moot(row: NotificationLog) -> str:
    """Why a letter is not to be sent any more, or nothing: its link would be for what is done or forgotten."""
    letter = LETTERS[row.event]
    if letter.is_moot(row.recipient):
        return "password_is_set"
    return "letter_too_old" if timezone.now() > row.created_at + letter.lifetime else ""
