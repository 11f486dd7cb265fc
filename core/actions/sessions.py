"""Signing in, staying signed in, signing out.

A session is one family of refresh tokens. Each is spent once, by a conditional update, so that of N parallel uses one
wins; a spent one that comes back late was stolen (or its thief was first), and ends the family.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

import structlog
from django.contrib.auth.hashers import make_password
from django.db import transaction
from django.utils.timezone import now

from core.actions import login_throttle, tokens
from core.domain.errors import Invalid, SignInRefused
from core.models import RefreshToken, Session, User

logger = structlog.get_logger(__name__)

GRACE = timedelta(seconds=30)  # two tabs may refresh at once; later reuse is theft

NO_SUCH_CREDENTIALS = "No active account found with these credentials."
ROTATED = "This refresh token has been used already."
ENDED = "This session has ended."
INACTIVE = "This account has been deactivated."


@dataclass(frozen=True, slots=True)
class Tokens:
    """What a client holds of a session; `session` says whose, which (`id`) and until when (`expires_at`)."""

    access: str
    refresh: str
    session: Session


def start(*, user: User) -> Tokens:
    """Open a session for somebody whose identity is proven."""
    with transaction.atomic():
        session = Session.objects.create(user=user, expires_at=now() + tokens.LIFETIME_OF_SESSION)
        return _issue(session)


def sign_in(*, username: str, password: str, address: str) -> Tokens:
    """Open a session by name or e-mail address, in whatever case.

    Raise SignInRefused (invalid_credentials), alike and about as late for a name that nobody has, a wrong password
    and somebody deactivated; TooManyAttempts before looking at the password.
    """
    user = _find(username)
    place = login_throttle.take_place(user=user, name=username, address=address)
    found = _admit(user, password)
    if found is None:
        place.failed()
        logger.info("sign_in_refused", user_id=user.pk if user else None)
        raise SignInRefused(NO_SUCH_CREDENTIALS, code="invalid_credentials")
    place.succeeded()
    logger.info("signed_in", user_id=found.session.user_id)
    return found


def refresh(*, token: str) -> Tokens:
    """Spend a refresh token for the next pair, and let the session live on from now.

    Raise SignInRefused: token_invalid, token_rotated (spent within the last moments), session_ended (also when this
    reuse is what ends it), user_inactive.
    """
    claims = tokens.read_refresh(token)
    row = RefreshToken.objects.select_related("session__user").filter(pk=claims.token_id).first()
    if row is None:
        raise SignInRefused
    session = require_usable(row.session)
    with transaction.atomic():
        if RefreshToken.objects.filter(pk=row.pk, spent_at=None).update(spent_at=now()):
            session.expires_at = now() + tokens.LIFETIME_OF_SESSION
            if not Session.objects.filter(pk=session.pk, ended_at=None).update(expires_at=session.expires_at):
                raise SignInRefused(ENDED, code="session_ended")
            return _issue(session)
    raise _reused(row)


def sign_out(*, session: Session, refresh: str) -> None:
    """End this session; raise Invalid when `refresh` is not one of its tokens."""
    try:
        own = tokens.read_refresh(refresh).session_id == session.pk
    except SignInRefused as error:
        raise Invalid({"refresh": [error.detail]}) from error
    if not own:
        raise Invalid({"refresh": ["This token belongs to another session."]})
    _end(session.pk)
    logger.info("signed_out", user_id=session.user_id)


def end_others(*, user: User, keep: UUID) -> None:
    """End every session of `user` but one."""
    user.sessions.filter(ended_at=None).exclude(pk=keep).update(ended_at=now())


def end_all(*, user: User) -> None:
    """End every session of `user`."""
    user.sessions.filter(ended_at=None).update(ended_at=now())


def authenticate_access(token: str) -> tuple[User, Session]:
    """Who this access token speaks for, as the database has it now; one query.

    Raise SignInRefused: token_invalid, session_ended, user_inactive.
    """
    claims = tokens.read_access(token)
    found = Session.objects.select_related("user").filter(pk=claims.session_id, user_id=claims.user_id).first()
    if found is None:
        raise SignInRefused
    session = require_usable(found)
    return session.user, session


def usable(session_id: UUID) -> Session:
    """A session with its person, as the database has them now; raise SignInRefused as `require_usable` does."""
    found = Session.objects.select_related("user").filter(pk=session_id).first()
    if found is None:
        raise SignInRefused
    return require_usable(found)


def require_usable(session: Session) -> Session:
    """Raise SignInRefused (session_ended, user_inactive) when nobody may use it any more."""
    if session.ended_at or session.expires_at <= now():
        raise SignInRefused(ENDED, code="session_ended")
    if not session.user.is_active:
        raise SignInRefused(INACTIVE, code="user_inactive")
    return session


def delete_expired(moment: datetime) -> None:
    """Delete what can never be used again: sessions, refresh tokens, and attempts to sign in that no longer count."""
    Session.objects.filter(expires_at__lt=moment).delete()
    RefreshToken.objects.filter(created_at__lt=moment - tokens.LIFETIME_OF_SESSION).delete()
    login_throttle.delete_expired(moment)


def _find(name: str) -> User | None:
    """No name holds an "@", so nobody can take the name that is another's e-mail address."""
    return User.objects.matching("email" if "@" in name else "username", name).first()


def _admit(user: User | None, password: str) -> Tokens | None:
    """A session for the right password; None for a wrong one."""
    if user is None:
        make_password(password)  # takes as long as checking one
        return None
    while user is not None and user.check_password(password) and user.is_active:
        # A password changed, or an account closed, since we read it ends every session: ours must not slip through.
        # Another sign-in may have renewed the hash, too, so a changed row is read again, not refused.
        with transaction.atomic():
            unchanged = User.objects.filter(pk=user.pk, password=user.password, is_active=True)
            if unchanged.update(last_login=now()):
                return start(user=user)
        user = User.objects.filter(pk=user.pk).first()
    return None


def _issue(session: Session) -> Tokens:
    row = RefreshToken.objects.create(session=session)
    return Tokens(
        access=tokens.access_token(session),
        refresh=tokens.refresh_token(session, token_id=row.pk, created_at=row.created_at),
        session=session,
    )


def _reused(row: RefreshToken) -> SignInRefused:
    """What to answer for a token that was spent before; ends the family when that was long ago."""
    spent_at = RefreshToken.objects.filter(pk=row.pk).values_list("spent_at", flat=True).first()
    if spent_at and spent_at > now() - GRACE:
        return SignInRefused(ROTATED, code="token_rotated")
    _end(row.session_id)
    logger.warning("refresh_token_reused", user_id=row.session.user_id)
    return SignInRefused(ENDED, code="session_ended")


def _end(session_id: UUID) -> None:
    Session.objects.filter(pk=session_id, ended_at=None).update(ended_at=now())
