"""`Authorization: Bearer <access token>`, checked against the session's row on each request; for streams `?token=`."""

from rest_framework.authentication import BaseAuthentication, get_authorization_header
from rest_framework.exceptions import AuthenticationFailed, NotAuthenticated
from rest_framework.request import Request

from core.actions import one_time_tickets, sessions
from core.domain.errors import SignInRefused
from core.models import Session, User

SCHEME = "Bearer"


class SessionTokenAuthentication(BaseAuthentication):
    """`request.user` is the person, `request.auth` the Session. Other schemes count as not signed in."""

    def authenticate(self, request: Request) -> tuple[User, Session] | None:
        """Raise AuthenticationFailed (401) with the code that the verb refused with."""
        scheme, *rest = get_authorization_header(request).split() or [b""]
        if scheme.lower() != SCHEME.lower().encode():
            return None
        try:
            token = b" ".join(rest).decode("ascii", errors="replace")  # never one token: then no token of ours
            return sessions.authenticate_access(token)
        except SignInRefused as error:
            raise AuthenticationFailed(error.detail, code=error.code) from error

    def authenticate_header(self, request: Request) -> str:
        return f'{SCHEME} realm="api"'


class UrlTokenAuthentication(BaseAuthentication):
    """`?token=`, an access token or a one-time ticket, for browsers, whose EventSource sends no header of ours.

    GET only, as EventSource asks: other methods open nothing that a ticket could be used up for.
    """

    def authenticate(self, request: Request) -> tuple[User, Session] | None:
        token = request.query_params.get("token")
        if token is None or request.method != "GET":
            return None
        try:
            return one_time_tickets.authenticate(token)
        except SignInRefused as error:
            raise AuthenticationFailed(error.detail, code=error.code) from error


def session_of(request: Request) -> Session:
    """The session a request is signed in with, its `user` loaded; raises NotAuthenticated (401) without one."""
    if not isinstance(request.auth, Session):
        raise NotAuthenticated
    return request.auth
