"""What a v2 client may say: JSON text into a frame of its kind, or BadFrame. Knows no sockets."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, NoReturn

from core.serializers.strict import MAX_ID

MAX_REF = 64  # characters
MAX_EPOCH = 16  # characters
MOST_IDS = 1_000  # as POST /api/notifications/mark_as_read/

Ref = str | int | None


class BadFrame(Exception):
    """`ref` is that of the frame, where it has one."""

    def __init__(self, message: str, *, code: str = "invalid", ref: Ref = None) -> None:
        self.message, self.code, self.ref = message, code, ref
        super().__init__(message)


@dataclass(frozen=True, slots=True)
class Ping:
    ref: Ref


@dataclass(frozen=True, slots=True)
class Resume:
    ref: Ref
    since: int
    epoch: str | None = None


@dataclass(frozen=True, slots=True)
class Ack:
    ref: Ref
    seq: int


@dataclass(frozen=True, slots=True)
class MarkRead:
    ref: Ref
    ids: list[int]


@dataclass(frozen=True, slots=True)
class MarkAllRead:
    ref: Ref
    up_to_seq: int | None = None


@dataclass(frozen=True, slots=True)
class Auth:
    ref: Ref
    token: str


@dataclass(frozen=True, slots=True)
class Typing:
    ref: Ref
    conversation: int


@dataclass(frozen=True, slots=True)
class Presence:
    ref: Ref
    conversation: int
    present: bool


Frame = Ping | Resume | Ack | MarkRead | MarkAllRead | Auth | Typing | Presence
Check = Callable[[str, Any], Any]


def whole_number(name: str, value: Any, *, least: int = 0) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= MAX_ID:
        raise BadFrame(f"{name}: Enter a whole number from {least} to {MAX_ID}.")
    return value


def row_id(name: str, value: Any) -> int:
    return whole_number(name, value, least=1)


def truth(name: str, value: Any) -> bool:
    if not isinstance(value, bool):
        raise BadFrame(f"{name}: Enter true or false.")
    return value


def epoch_text(name: str, value: Any) -> str:
    if not isinstance(value, str) or len(value) > MAX_EPOCH:
        raise BadFrame(f"{name}: Enter a text of at most {MAX_EPOCH} characters.")
    return value


def token_text(name: str, value: Any) -> str:
    if not isinstance(value, str):
        raise BadFrame(f"{name}: Enter a text.")
    return value


def id_list(name: str, value: Any) -> list[int]:
    if not isinstance(value, list) or not 1 <= len(value) <= MOST_IDS:
        raise BadFrame(f"{name}: Enter a list of 1 to {MOST_IDS} ids.")
    return [row_id(name, one) for one in value]


# Of each type: what it becomes, the fields it must have, and those it may have.
KINDS: Mapping[str, tuple[Callable[..., Frame], dict[str, Check], dict[str, Check]]] = {
    "ping": (Ping, {}, {}),
    "resume": (Resume, {"since": whole_number}, {"epoch": epoch_text}),
    "ack": (Ack, {"seq": whole_number}, {}),
    "mark_read": (MarkRead, {"ids": id_list}, {}),
    "mark_all_read": (MarkAllRead, {}, {"up_to_seq": whole_number}),
    "auth": (Auth, {"token": token_text}, {}),
    "typing": (Typing, {"conversation": row_id}, {}),
    "presence": (Presence, {"conversation": row_id, "present": truth}, {}),
}


def parse(text: str | None) -> Frame:
    """The frame that a client's text is; None is a binary one."""
    given = json_object(text)
    ref = checked_ref(given.pop("ref", None))
    kind = given.pop("type", None)
    if not isinstance(kind, str) or kind not in KINDS:
        raise BadFrame(f"Unknown type. There are: {', '.join(KINDS)}.", code="unknown_type", ref=ref)
    build, required, optional = KINDS[kind]
    try:
        return build(ref, **checked_fields(given, required, optional))
    except BadFrame as bad:
        bad.ref = ref
        raise


def position(query: Mapping[str, list[str]]) -> Resume | None:
    """From where `since` and `epoch` in an address ask to be told what was missed; None when they do not."""
    since, epoch = (query.get(name, [""])[0] for name in ("since", "epoch"))
    if not since:
        return None
    number = int(since) if since.isascii() and since.isdecimal() and len(since) < 20 else since
    return Resume(None, whole_number("since", number), epoch_text("epoch", epoch) or None)


def json_object(text: str | None) -> dict[str, Any]:
    try:
        found = json.loads(text or "", parse_constant=refuse_constant)
    except (ValueError, RecursionError) as error:  # ValueError also for numbers with thousands of digits
        raise BadFrame("This is no JSON.", code="bad_json") from error
    if not isinstance(found, dict):
        raise BadFrame("This is no JSON object.", code="bad_json")
    return found


def refuse_constant(name: str) -> NoReturn:
    raise ValueError(name)


def checked_ref(value: Any) -> Ref:
    if value is None or (isinstance(value, str | int) and not isinstance(value, bool) and len(str(value)) <= MAX_REF):
        return value
    raise BadFrame(f"ref: Enter a text or whole number of at most {MAX_REF} characters.")


def checked_fields(given: dict[str, Any], required: dict[str, Check], optional: dict[str, Check]) -> dict[str, Any]:
    """A value of null is one that is not given."""
    checks = required | optional
    if unknown := sorted(given.keys() - checks):
        raise BadFrame(f"{unknown[0][:MAX_REF]}: This field is not accepted here.")
    values = {name: value for name, value in given.items() if value is not None}
    if missing := sorted(required.keys() - values):
        raise BadFrame(f"{missing[0]}: This field is required.")
    return {name: checks[name](name, value) for name, value in values.items()}
