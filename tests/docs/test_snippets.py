"""The client files call what exists, read fields that exist, and know the frames and close codes that exist."""

import re
from pathlib import Path
from typing import Any

import pytest

from core import socket_auth
from core.consumer_v2 import hello
from core.domain.change import Person
from core.models import Feed, NotificationLog, Session
from core.notifications.feed import Replay
from core.notifications.frames import current_frame, message_frame, presence_frame, state_frame
from core.routing import websocket_urlpatterns
from tests.architecture.sources import ROOT
from tests.docs.pages import read
from tests.openapi import document, documented_operation

CLIENTS = {
    "javascript": ["api.js", "notifications.js", "talk.js"],
    "flutter": ["api.dart", "notification_feed.dart", "talk.dart"],
}
FILES = [ROOT / "clients" / client / name for client, names in CLIENTS.items() for name in names]
TYPES = ROOT / "clients/javascript/notifications.d.ts"
HOOKS = [path for kind in ("use*.ts", "*.service.ts") for path in sorted((ROOT / "clients").glob(f"*/{kind}"))]

CALL = re.compile(
    r"(?:#send|_send|call)\(\s*[\"'](?P<method>[A-Z]+)[\"'],\s*[\"'`](?P<path>[^\"'`]+)[\"'`](?P<rest>[^;]*)"
)
FIELD = re.compile(r"(?P<of>\w+)(?:\.|\[')(?P<field>[a-z_]+)\b(?!\()")
SNAKE = re.compile(r"\b[a-z]+(?:_[a-z]+)+\b")

# What the variables of the clients hold.
SHAPES = {"signedIn": "SignedIn", "tokens": "TokenPair", "marked": "MarkedOne", "row": "Notification"}


def client_code(client: str) -> str:
    """All files of a client."""
    return "\n".join(code(ROOT / "clients" / client / name) for name in CLIENTS[client])


def code(path: Path) -> str:
    """A file without its comments and imports."""
    lines = [line for line in read(path).splitlines() if not re.match(r"\s*(//|/?\*|import )", line)]
    return "\n".join(re.sub(r"\s// .*", "", line) for line in lines)


def properties(name: str) -> dict[str, Any]:
    return dict(document()["components"]["schemas"][name]["properties"])


def page_fields() -> set[str]:
    return set(properties("PaginatedNotificationList")) | set(properties("Changes"))


def notification_fields() -> set[str]:
    row = NotificationLog(created_at=NotificationLog._meta.get_field("created_at").to_python("2026-01-30T12:00:00Z"))
    return set(current_frame(row, unread_count=0))


def frame_fields() -> set[str]:
    """Of all frames that the clients understand."""
    states = ("all_up_to_seq", "read_ids", "unread_ids", "archived_ids")
    session = Session(expires_at=Session._meta.get_field("expires_at").to_python("2026-01-30T12:00:00Z"))
    greeting = hello(session, Replay(Feed()), recovered=False)
    state = state_frame(0, unread_count=0, **dict.fromkeys(states))
    said = message_frame("posted", 1, None, unread_message_count=0, at=0.0)
    there = presence_frame(1, Person(1, "ada", "Ada Admin"), present=True)
    return notification_fields() | set(greeting) | set(state) | set(said) | set(there) | {"replay"}


@pytest.mark.parametrize("client", CLIENTS)
def test_every_call_is_in_the_schema(client: str) -> None:
    calls = list(CALL.finditer(client_code(client)))
    assert {"POST /api/auth/login/", "POST /api/auth/refresh/", "GET /api/notifications/"} <= {
        f"{call['method']} {call['path']}" for call in calls
    }
    for call in calls:
        where, _, query = re.sub(r"\$\{[^}]*\}|\$\w+", "1", call["path"]).partition("?")
        operation = documented_operation(call["method"], where)
        assert operation is not None, f"{call['method']} {where} is not in the schema"
        given = {parameter.partition("=")[0] for parameter in query.split("&") if parameter}
        known = document()["paths"][operation[0]][operation[1]].get("parameters", [])
        assert given <= {parameter["name"] for parameter in known}, f"{where}: {given}"
        if body := re.search(r"\{(.*?)\}", call["rest"].partition(")")[0]):
            names = set(re.findall(r"'?(\w+)'?(?=:|,|$)", re.sub(r":\s*[\w.!]+", ":", body[1].strip())))
            sent = set(
                document()["paths"][operation[0]][operation[1]]["requestBody"]["content"]["application/json"]["schema"][
                    "$ref"
                ].rsplit("/", 1)[1:]
            )
            assert names == set(properties(sent.pop())), f"{where}: {names}"


@pytest.mark.parametrize("client", CLIENTS)
def test_every_field_read_is_in_the_schema(client: str) -> None:
    known = {name: set(properties(schema)) for name, schema in SHAPES.items()}
    known |= {"page": page_fields(), "frame": frame_fields()}
    read_fields = [
        (found["of"], found["field"]) for found in FIELD.finditer(client_code(client)) if found["of"] in known
    ]
    assert {of for of, _ in read_fields} >= {"page", "frame", "signedIn", "tokens", "marked"}
    assert [f"{of}.{field}" for of, field in read_fields if field not in known[of]] == []


@pytest.mark.parametrize("path", [*FILES, *HOOKS, TYPES], ids=lambda path: path.name)
def test_every_snake_case_word_is_a_word_of_the_api(path: Path) -> None:
    fields = {name for schema in document()["components"]["schemas"].values() for name in schema.get("properties", {})}
    fields |= frame_fields()
    parts = {part for route in document()["paths"] for part in route.split("/")}
    others = {"replay_complete", "up_to_seq"}  # a frame, a parameter
    others |= {"token_rotated", "signed_out", "web_socket_channel", "flutter_secure_storage"}
    assert set(SNAKE.findall(code(path))) - fields - parts - others == set()


@pytest.mark.parametrize("client", CLIENTS)
def test_a_list_item_has_what_inbox_and_frame_both_have(client: str) -> None:
    both = set(properties("Notification")) & notification_fields()
    text = client_code(client)
    shown = re.search(r"function item\(\{ (.*?) \}\)", text)
    fields = set(shown[1].split(", ")) if shown else set(re.findall(r"from\['(\w+)'\]", text))
    assert {"id", "seq", "event", "message", "ticket", "url"} <= fields
    assert fields - both <= {"created_at", "timestamp"}


@pytest.mark.parametrize("client", CLIENTS)
def test_the_socket_is_where_the_client_looks_and_closes_with_codes_it_knows(client: str) -> None:
    text = client_code(client)
    assert [f"/{route.pattern}" for route in websocket_urlpatterns] == re.findall(r"/ws/[a-z/]+", text)
    codes = {value for name, value in vars(socket_auth).items() if name.startswith("CLOSE_")}
    used = {int(number) for number in re.findall(r"\b4\d{3}\b", text)}
    assert used == {socket_auth.CLOSE_PLANNED, socket_auth.CLOSE_FORBIDDEN} <= codes


def test_the_types_are_the_schema() -> None:
    text = read(TYPES)
    for interface, schema in (("User extends Person", "User"), ("TicketThen", "TicketSnapshot"), ("Person", "Actor")):
        body = re.search(rf"interface {interface} \{{(.*?)\}}", text, re.DOTALL)
        assert body is not None
        inherited = set(properties("Actor")) if "extends" in interface else set()
        assert set(re.findall(r"(\w+):", body[1])) | inherited == set(properties(schema))


@pytest.mark.parametrize("path", HOOKS, ids=lambda path: path.name)
def test_the_hooks_use_what_the_shared_module_offers(path: Path) -> None:
    text, module = code(path), read(ROOT / "clients/javascript/notifications.js")
    assert 'from "../javascript/notifications.js"' in read(path)
    for name in re.findall(r"\bfeed\.(\w+)", text):
        assert re.search(rf"^  {name} = ", module, re.MULTILINE), f"NotificationFeed has no {name}"


def test_clients_know_the_code_of_a_spent_token() -> None:
    assert "token_rotated" in client_code("javascript")
    assert 'code="token_rotated"' in read(ROOT / "core/actions/sessions.py")
