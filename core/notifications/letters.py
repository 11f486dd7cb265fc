"""Letters: mails about somebody's own account, which carry a link to set a password; and the code of phone_code.py.

A letter's row holds no secret. The link is made when the letter is sent; it works once and for a while: whatever it
was signed over changes with the password, the e-mail address or the next sign-in.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import ClassVar, Protocol
from urllib.parse import urlencode

from django.conf import settings
from django.core.signing import BadSignature, TimestampSigner
from django.utils import timezone

from core.models import NotificationLog, User
from core.notifications.message import Message, Outgoing, Words, in_words
from core.notifications.phone_code import PHONE_CODE
from core.notifications.phrases import phrases

PAGE = "/account/password/"  # ours, for installations without an app that has one


class Posted(Protocol):
    """What goes out by one channel and is no notification."""

    @property
    def key(self) -> str: ...

    @property
    def channel(self) -> str: ...

    def message(self, user: User, actor: str) -> Message:
        """What its row says; `actor` is a full name, or "" when nobody in particular caused it."""

    def moot(self, row: NotificationLog) -> str:
        """Why it is not to be sent any more, or nothing."""

    def complete(self, message: Outgoing, user: User) -> Outgoing:
        """With the secret that its row does not hold."""


@dataclass(frozen=True, slots=True)
class Letter:
    """`words` by language may name the {username} of the recipient and the {actor} who caused it."""

    key: str
    lifetime: timedelta
    words: Words
    is_moot: Callable[[User], bool]
    channel: ClassVar[str] = "EMAIL"

    def message(self, user: User, actor: str) -> Message:
        return in_words(self.words, user.locale, username=user.username, actor=actor or phrases(user.locale).an_admin)

    def moot(self, row: NotificationLog) -> str:
        """Its link would be for what is done or forgotten."""
        if self.is_moot(row.recipient):
            return "password_is_set"
        return "letter_too_old" if timezone.now() > row.created_at + self.lifetime else ""

    def complete(self, message: Outgoing, user: User) -> Outgoing:
        return replace(message, link=self.link(user), button=phrases(message.locale).choose)

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


RESET_WORDS = {
    "en": Message(
        "Set a new password",
        "Somebody, hopefully you, asked for a new password for “{username}”. The link works once, within an hour. If "
        "it was not you, do nothing: your password stays as it is.",
    ),
    "de": Message(
        "Neues Passwort festlegen",
        "Jemand, hoffentlich Sie, hat für „{username}“ ein neues Passwort angefordert. Der Link gilt einmal und eine "
        "Stunde lang. Wenn Sie es nicht waren, tun Sie nichts: Ihr Passwort bleibt, wie es ist.",
    ),
    "es": Message(
        "Elija una contraseña nueva",
        "Alguien, esperamos que usted, ha pedido una contraseña nueva para «{username}». El enlace funciona una sola "
        "vez, durante una hora. Si no ha sido usted, no haga nada: su contraseña no cambia.",
    ),
    "ko": Message(
        "새 비밀번호 설정",
        "“{username}” 계정의 새 비밀번호가 요청되었습니다. 링크는 한 시간 안에 한 번만 쓸 수 있습니다. 직접 요청하지 "
        "않으셨다면 아무것도 하지 않으셔도 됩니다. 비밀번호는 그대로 유지됩니다.",
    ),
}
INVITATION_WORDS = {
    "en": Message(
        "You have been invited to Incident Management",
        "{actor} has made an account for you: “{username}”. Choose a password, then sign in. The link works once, "
        "within 7 days.",
    ),
    "de": Message(
        "Sie sind zu Incident Management eingeladen",
        "{actor} hat für Sie ein Konto angelegt: „{username}“. Wählen Sie ein Passwort und melden Sie sich dann an. "
        "Der Link gilt einmal und 7 Tage lang.",
    ),
    "es": Message(
        "Le han invitado a Incident Management",
        "{actor} le ha creado una cuenta: «{username}». Elija una contraseña y después inicie sesión. El enlace "
        "funciona una sola vez, durante 7 días.",
    ),
    "ko": Message(
        "Incident Management에 초대되었습니다",
        "{actor} 님이 회원님의 계정 “{username}”을 만들었습니다. 비밀번호를 정한 다음 로그인하세요. 링크는 7일 안에 한 "
        "번만 쓸 수 있습니다.",
    ),
}

PASSWORD_RESET = Letter("password_reset", timedelta(hours=1), RESET_WORDS, lambda _user: False)
USER_INVITED = Letter("user_invited", timedelta(days=7), INVITATION_WORDS, User.has_usable_password)
WITH_LINK = (PASSWORD_RESET, USER_INVITED)
LETTERS: dict[str, Posted] = {letter.key: letter for letter in (*WITH_LINK, PHONE_CODE)}


def accepts(user: User, token: str) -> bool:
    """Whether `token` stands in some letter to `user` and still works."""
    return any(letter.accepts(user, token) for letter in WITH_LINK)


def moot(row: NotificationLog) -> str:
    """Why a letter is not to be sent any more, or nothing."""
    return LETTERS[row.event].moot(row)
