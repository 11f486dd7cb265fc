"""Every link within the repository leads somewhere, anchors included; every decision is listed."""

import re
from pathlib import Path

import pytest

from tests.architecture.sources import ROOT
from tests.docs.pages import documents, prose, prose_kept, read

LINK = re.compile(r"!?\[[^\]]*\]\((?P<target>[^)\s]+)\)")
HEADING = re.compile(r"^#{1,6} (.+)$", re.MULTILINE)


def anchor(heading: str) -> str:
    """As GitHub makes them."""
    return re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")


def leads_somewhere(page: Path, target: str) -> bool:
    name, _, fragment = target.partition("#")
    file = (page.parent / name) if name else page
    if not file.exists() or not file.resolve().is_relative_to(ROOT):
        return False
    return not fragment or fragment in {anchor(text) for text in HEADING.findall(prose_kept(read(file)))}


@pytest.mark.parametrize("page", documents(), ids=lambda page: page.name)
def test_links_lead_somewhere(page: Path) -> None:
    targets = [found["target"] for found in LINK.finditer(prose(read(page)))]
    assert [one for one in targets if "://" not in one and not leads_somewhere(page, one)] == []


def test_every_decision_is_in_the_readme() -> None:
    decisions = {path.relative_to(ROOT).as_posix() for path in (ROOT / "docs/adr").glob("*.md")}
    linked = {found["target"] for found in LINK.finditer(read(ROOT / "README.md"))}
    assert decisions
    assert decisions - linked == set()


def test_decisions_named_in_the_code_exist() -> None:
    numbers = {path.name[:4] for path in (ROOT / "docs/adr").glob("*.md")}
    sources = [*(ROOT / "core").rglob("*.py"), *(ROOT / "Management").rglob("*.py")]
    named = {number for path in sources for number in re.findall(r"docs/adr/(\d{4})", read(path))}
    assert named - numbers == set()
