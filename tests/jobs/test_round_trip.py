"""What was exported can be imported again: each ticket says the same."""

import csv
import io
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.domain.cells import FORMULA, SIGNS, defused, undone
from core.files.table import table
from core.jobs.import_ import judged
from core.jobs.tables import csv_table
from core.models import Category, Priority
from core.serializers.ticket_rows import WRITABLE, joined
from core.serializers.tickets import TicketCreateSerializer

RUNS = settings(max_examples=150, deadline=None)
SPECIAL = ["'", '"', ",", ";", "\n", "\r\n", "\t", *SIGNS, "😀", "\u202e", "שלום", "é", "_x0041_", "\ufeff", "a", " "]
TEXTS = st.lists(st.sampled_from(SPECIAL) | st.characters(codec="utf-8"), max_size=12).map("".join)


@RUNS
@given(text=TEXTS)
def test_a_defused_text_runs_not_and_comes_back(text: str) -> None:
    safe = defused(text)
    assert undone(safe) == text
    assert not safe.startswith(tuple(SIGNS))
    assert (safe == text) == (not FORMULA.match(text))


@RUNS
@given(
    title=TEXTS,
    description=TEXTS,
    project_name=TEXTS,
    category=st.sampled_from(Category.values),
    priority=st.sampled_from(Priority.values),
    tags=st.lists(TEXTS, max_size=3),
)
def test_a_ticket_says_the_same_after_it_was_exported_and_imported(
    tmp_path_factory: pytest.TempPathFactory, **words: object
) -> None:
    accepted = TicketCreateSerializer(data=words)
    if not accepted.is_valid():
        return
    said = accepted.validated_data
    path = tmp_path_factory.mktemp("tables") / "tickets.csv"
    with csv_table(path) as write:
        write([*WRITABLE, "status"])
        write([joined(said[name]) if name == "tags" else said[name] for name in WRITABLE] + ["NEW"])
    header, [line] = table(path.read_bytes())
    again = judged(header, line)
    assert (again.line, again.wrong) == (2, {})
    assert {"project_name": "", "tags": [], **again.fields} == said
    assert again_by_others(path) == [[*WRITABLE, "status"], line.cells]


def again_by_others(path: Path) -> list[list[str]]:
    """As anybody else reads RFC 4180."""
    return list(csv.reader(io.StringIO(path.read_bytes().decode("utf-8-sig"), newline="")))
