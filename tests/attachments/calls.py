"""Forms as clients send them, whatever they call the file, and what is in the storage."""

from pathlib import Path
from typing import Any

from core.models import Attachment, Ticket
from tests.openapi import ApiClient
from tests.tickets import url

BOUNDARY = "and-now-the-file"
FORM = f"multipart/form-data; boundary={BOUNDARY}"


def part(content: bytes, *, name: str | None = "notes.txt", field: str = "file", kind: str = "text/plain") -> bytes:
    """One field; with a name it is a file."""
    quoted = "" if name is None else '; filename="{}"'.format(name.replace("\\", r"\\").replace('"', r"\""))
    head = f'Content-Disposition: form-data; name="{field}"{quoted}\r\nContent-Type: {kind}\r\n\r\n'
    return f"--{BOUNDARY}\r\n{head}".encode() + content + b"\r\n"


def form(*parts: bytes) -> bytes:
    return b"".join(parts) + f"--{BOUNDARY}--\r\n".encode()


def upload(client: ApiClient, ticket: Ticket | int, content: bytes = b"Hello\n", name: str = "notes.txt") -> Any:
    return client.post(url(ticket, "attachments"), form(part(content, name=name)), content_type=FORM)


def stored(storage: Path) -> set[str]:
    """The names of all files in the storage."""
    return {path.relative_to(storage).as_posix() for path in storage.rglob("*") if path.is_file()}


def assert_no_orphans(storage: Path) -> None:
    """Every file has its row, and every row its file."""
    assert stored(storage) == set(Attachment.objects.values_list("file", flat=True))
