"""Which files are taken: a closed list. The name chooses the check, so that name and content always agree."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from core.files import documents, images, texts
from core.files.limits import MAX_SIZE, MEGABYTE, unfit
from core.files.names import extension

OFFICE = "application/vnd.openxmlformats-officedocument"


@dataclass(frozen=True, slots=True)
class Kind:
    """`check` raises Invalid unless the content is wholly of this type."""

    content_type: str
    check: Callable[[bytes], None]


JPEG = Kind("image/jpeg", images.jpeg)

KINDS = {
    "png": Kind("image/png", images.png),
    "jpg": JPEG,
    "jpeg": JPEG,
    "gif": Kind("image/gif", images.gif),
    "webp": Kind("image/webp", images.webp),
    "pdf": Kind("application/pdf", documents.pdf),
    "docx": Kind(f"{OFFICE}.wordprocessingml.document", partial(documents.office, folder="word/")),
    "xlsx": Kind(f"{OFFICE}.spreadsheetml.sheet", partial(documents.office, folder="xl/")),
    "pptx": Kind(f"{OFFICE}.presentationml.presentation", partial(documents.office, folder="ppt/")),
    "txt": Kind("text/plain", texts.text),
    "log": Kind("text/plain", texts.text),
    "md": Kind("text/markdown", texts.text),
    "csv": Kind("text/csv", texts.text),
    "json": Kind("application/json", texts.json),
}
CONTENT_TYPES = sorted({kind.content_type for kind in KINDS.values()})


def content_type_of(name: str, content: bytes) -> str:
    """What this file is; Invalid when it is not what its name says, or nothing that is taken."""
    kind = KINDS.get(extension(name))
    if kind is None:
        raise unfit(f"Files of this type are not taken, but these are: {', '.join(KINDS)}.")
    if not content:
        raise unfit("The file is empty.")
    if len(content) > MAX_SIZE:
        raise unfit(f"A file may have at most {MAX_SIZE // MEGABYTE} MB.")
    kind.check(content)
    return kind.content_type
