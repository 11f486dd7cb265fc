"""JSON Web Tokens: what we write into them, and the only way to read them back."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from rest_framework_simplejwt.exceptions import TokenError
from rest_framework_simplejwt.tokens import AccessToken, RefreshToken, Token

from core.domain.errors import SignInRefused
from core.models import Session

LIFETIME_OF_SESSION = RefreshToken.lifetime  # a session lives as long as its newest refresh token
LONGEST = 2048  # characters; ours have some 300


@dataclass(frozen=True, slots=True)
class Claims:
    """What a token says that we signed. `token_id` is the primary key of a refresh token's row."""

    token_id: UUID
    session_id: UUID
    user_id: int


def access_token(session: Session) -> str:
    """A signed access token for this session."""
    return _write(AccessToken(), session)


def refresh_token(session: Session, *, token_id: UUID, created_at: datetime) -> str:
    """The signed refresh token of the row `token_id`."""
    token = RefreshToken()
    token["jti"] = token_id.hex
    token.set_exp(from_time=created_at)
    return _write(token, session)


def read_access(text: str) -> Claims:
    """Raise SignInRefused (token_invalid) unless it is an access token of ours that has not expired."""
    return _read(AccessToken, text)


def read_refresh(text: str) -> Claims:
    """Raise SignInRefused (token_invalid) unless it is a refresh token of ours that has not expired."""
    return _read(RefreshToken, text)


def _write(token: Token, session: Session) -> str:
    token["user_id"] = str(session.user_id)
    token["sid"] = session.pk.hex
    return str(token)


def _read(kind: type[Token], text: str) -> Claims:
    if len(text) > LONGEST:
        raise SignInRefused
    try:
        token = kind(text)  # type: ignore[arg-type]  # the library means the encoded text
        return Claims(token_id=UUID(token["jti"]), session_id=UUID(token["sid"]), user_id=int(token["user_id"]))
    except (TokenError, KeyError, ValueError, TypeError, AttributeError, RecursionError) as error:
        # Past TokenError: texts that no UTF-8 holds, absurd JSON, and tokens of an earlier release without our claims.
        raise SignInRefused from error
