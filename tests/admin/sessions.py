"""What became of a session of the API."""

from core.actions import sessions
from core.domain.errors import SignInRefused


def signed_out(token: str) -> bool:
    try:
        sessions.authenticate_access(token)
    except SignInRefused:
        return True
    return False
