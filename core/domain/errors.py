"""What a verb refuses, as a tree:

Refused
├── NotVisible         404  does not exist, as far as this person can see
├── NotAllowed         403  not yours to do
├── Invalid            400  {field: [messages]}
├── Conflict           409  not as things stand
├── InvalidTransition  409  wrong state
├── VersionMismatch    412  changed since it was read
├── Gone               410  was there, and is no more
├── TooMany            429  as many as may be at a time
└── SignInRefused      401  credentials, token or session
"""

from collections.abc import Mapping, Sequence
from datetime import timedelta


class Refused(Exception):
    """A verb refused: nothing was changed, logged or announced. `code` is for programs, `detail` for people."""

    code = "refused"
    detail = "Refused."

    def __init__(self, detail: str | None = None, *, code: str | None = None) -> None:
        self.detail = detail or self.detail
        self.code = code or self.code
        super().__init__(self.detail)


class NotVisible(Refused):
    code = "not_found"
    detail = "Not found."


class NotAllowed(Refused):
    code = "permission_denied"
    detail = "You do not have permission to perform this action."


class Invalid(Refused):
    """Input that only the verb can judge; `fields` names each wrong field."""

    code = "invalid"

    def __init__(self, fields: Mapping[str, Sequence[str]]) -> None:
        self.fields = fields
        super().__init__("; ".join(f"{name}: {' '.join(messages)}" for name, messages in fields.items()))


class Conflict(Refused):
    """Right in itself, but not as things stand; `code` says what stands in the way."""


class InvalidTransition(Refused):
    """The ticket is not in a state this action starts from; `what` it is, when that is not its status."""

    code = "invalid_transition"

    def __init__(self, *, action: str, status: str, allowed_actions: Sequence[str], what: str = "") -> None:
        self.status = status
        self.allowed_actions = list(allowed_actions)
        super().__init__(f"Cannot {action} a ticket that {what or f'is {status}'}.")


class VersionMismatch(Refused):
    """The ticket has changed since the caller read it."""

    code = "version_mismatch"
    detail = "The ticket has changed since you read it."

    def __init__(self, version: int) -> None:
        self.version = version
        super().__init__()


class Gone(Refused):
    """It was there, and has been deleted since; `code` says why."""


class TooMany(Refused):
    """As many as may be at a time; it makes sense to try again after `wait`."""

    def __init__(self, detail: str, *, code: str, wait: timedelta) -> None:
        self.wait = wait
        super().__init__(detail, code=code)


class SignInRefused(Refused):
    """Codes: invalid_credentials, token_invalid, token_rotated, session_ended."""

    code = "token_invalid"
    detail = "Token is invalid or expired."
