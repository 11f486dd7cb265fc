"""The documents as the tests read them."""

import re
from dataclasses import dataclass
from pathlib import Path

from tests.architecture.sources import ROOT

GUIDE = ROOT / "NOTIFICATION_SYSTEM_GUIDE.md"
FENCE = re.compile(r"^```(?P<info>\S[^\n]*)?\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True, slots=True)
class Block:
    """A fenced block: ```` ```json to=dan ```` has the language `json` and the note `to=dan`."""

    language: str
    note: str
    text: str
    line: int


def documents() -> list[Path]:
    """Every Markdown page of the repository."""
    return [
        *sorted(ROOT.glob("*.md")),
        *sorted((ROOT / "docs").rglob("*.md")),
        *sorted((ROOT / "clients").rglob("*.md")),
        *sorted((ROOT / "deploy").rglob("*.md")),
    ]


def read(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def blocks(text: str) -> list[Block]:
    found = []
    for match in FENCE.finditer(text):
        language, _, note = (match["info"] or "").partition(" ")
        found.append(Block(language, note, match["text"], text.count("\n", 0, match.start()) + 1))
    return found


def prose(text: str) -> str:
    """A page without its fenced blocks."""
    return FENCE.sub("", text)


def section(text: str, heading: str) -> str:
    """What stands under a heading, up to the next one of its level or above."""
    level = re.match(r"#+", heading)
    assert level is not None
    start = text.index(f"{heading}\n") + len(heading)
    following = re.compile(rf"^#{{1,{len(level[0])}}} ", re.MULTILINE).search(prose_kept(text), start)
    return text[start : following.start() if following else len(text)]


def prose_kept(text: str) -> str:
    """The page with its blocks blanked, every character in its place: a comment in a listing is no heading."""
    return FENCE.sub(lambda match: re.sub(r"[^\n]", " ", match[0]), text)
