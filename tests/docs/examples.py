"""The examples of the guide, top to bottom: calls with their answers, curl commands, frames both ways."""

import json
import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from tests.docs.pages import Block, blocks

EVENTS = "text/event-stream"
WEBHOOK, XML = "application/x-www-form-urlencoded", "text/xml"
TEXTS = (EVENTS, WEBHOOK, XML)
KEPT = re.compile(r"(?P<name>\w+)=\$\((?P<command>curl .*?) \| sed .*\)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Call:
    line: int
    method: str
    path: str
    headers: dict[str, str] = field(default_factory=dict)
    body: Any = None
    answer: "Answer | None" = None
    file: str = ""  # the name of a file that is sent in a form
    form: dict[str, str] = field(default_factory=dict)  # what is sent beside it
    keep: str = ""  # the name under which a curl command keeps the access token


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    headers: dict[str, str]
    body: Any


@dataclass(frozen=True, slots=True)
class Frame:
    """What the open socket of `to` receives next."""

    line: int
    to: str
    body: Any


@dataclass(frozen=True, slots=True)
class Said:
    """What the client says on the open socket of `by`."""

    line: int
    by: str
    body: Any


Example = Call | Frame | Said


def examples(page: str) -> Iterator[Example]:
    found = iter(blocks(page))
    for block in found:
        if block.language == "http":
            yield call(block, next(found))
        elif block.language == "bash" and "curl" in block.text:
            yield from curls(block)
        elif block.language == "json" and block.note.startswith("to="):
            yield Frame(block.line, block.note.removeprefix("to="), json.loads(block.text))
        elif block.language == "json" and block.note.startswith("from="):
            yield Said(block.line, block.note.removeprefix("from="), json.loads(block.text))


def call(block: Block, following: Block) -> Call:
    """A request and, in the next block, its answer."""
    first, headers, body = message(block)
    method, path = first.split(" ", 1)  # "<ada's ticket>" in a path is one name
    assert following.text.startswith("HTTP/1.1 "), f"line {block.line}: the answer does not follow"
    status, answer_headers, answer_body = message(following)
    answer = Answer(int(status.split(" ")[1]), answer_headers, answer_body)
    return Call(block.line, method, path, headers, body, answer)


def message(block: Block) -> tuple[str, dict[str, str], Any]:
    """First line, headers, JSON body; what is not JSON is text."""
    head, _, body = block.text.partition("\n\n")
    first, *lines = head.strip().splitlines()
    headers = dict(line.split(": ", 1) for line in lines)
    if headers.get("Content-Type") in TEXTS:
        return first, headers, body
    try:
        return first, headers, json.loads(body) if body.strip() else None
    except json.JSONDecodeError as error:
        raise AssertionError(f"line {block.line}: {error}") from error


def curls(block: Block) -> Iterator[Call]:
    for command in block.text.replace("\\\n", " ").splitlines():
        if kept := KEPT.fullmatch(command):
            yield curl(block, kept["command"], keep=kept["name"])
        elif command.startswith("curl "):
            yield curl(block, command)


def curl(block: Block, command: str, *, keep: str = "") -> Call:
    """The few options the guide uses; anything else fails here."""
    words = iter(shlex.split(command)[1:])
    method, url, headers, body, form = "", "", {}, None, {}
    for word in words:
        if word == "-H":
            name, _, value = next(words).partition(": ")
            headers[name] = re.sub(r"\$(\w+)", r"<\1>", value)
        elif word == "-d":
            body = json.loads(next(words))
        elif word == "-F":
            name, _, form[name] = next(words).partition("=")
        elif word == "-X":
            method = next(words)
        elif not word.startswith("-"):
            url = word
    parts = urlsplit(url)
    path = f"{parts.path}?{parts.query}" if parts.query else parts.path
    file = form.pop("file", "").removeprefix("@")
    method = method or ("POST" if body is not None or file else "GET")
    return Call(block.line, method, path, headers, body, file=file, form=form, keep=keep)
