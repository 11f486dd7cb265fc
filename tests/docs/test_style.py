"""Documents are about the product: no paths of somebody's machine, no empty promises, no endless pages."""

import re
from pathlib import Path

import pytest

from tests.architecture.sources import ROOT
from tests.docs.pages import documents, prose, read

# "/work/" in a path, not the /api/…/start_work/ of the API.
MACHINE = re.compile(r"(?<![\w/])/(?:work|root|home|Users|tmp|var)/|[A-Z]:\\\\?Users")
UNFINISHED = re.compile(r"\b(TODO|TBD|FIXME|XXX|lorem ipsum|coming soon)\b", re.IGNORECASE)
LONGEST_DECISION = 40
SHOWN = [
    *documents(),
    *(path for path in sorted((ROOT / "clients").rglob("*.*")) if path.suffix in {".js", ".ts", ".dart"}),
]


@pytest.mark.parametrize("page", SHOWN, ids=lambda page: page.name)
def test_no_paths_of_a_machine_and_nothing_unfinished(page: Path) -> None:
    assert MACHINE.findall(read(page)) == []
    assert UNFINISHED.findall(read(page)) == []


@pytest.mark.parametrize("page", documents(), ids=lambda page: page.name)
def test_one_title_and_clean_lines(page: Path) -> None:
    text = read(page)
    assert len(re.findall(r"^# ", prose(text), re.MULTILINE)) == 1
    assert text.endswith("\n")
    assert not re.search(r"[ \t]$", text, re.MULTILINE)


@pytest.mark.parametrize("page", sorted((ROOT / "docs/adr").glob("*.md")), ids=lambda page: page.name)
def test_a_decision_fits_on_a_screen(page: Path) -> None:
    text = read(page)
    assert text.startswith(f"# {int(page.name[:4])}. ")
    assert len(text.splitlines()) <= LONGEST_DECISION
    assert re.findall(r"^## (.+)$", text, re.MULTILINE) == ["Context", "Decision", "Consequences"]
