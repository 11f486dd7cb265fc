"""The benchmark still runs: one tiny round of one part."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from bench.__main__ import PARTS
from bench.results import FOLDER, Row, table
from tests.end_to_end.server import BASE
from tests.stack import stack


@pytest.mark.end_to_end
@pytest.mark.skipif(stack() != "distributed", reason="it starts its own PostgreSQL and Redis, once is enough")
def test_a_tiny_round_of_creating_tickets_is_measured(tmp_path: Path) -> None:
    environment = {**os.environ, "BENCH_ROUNDS": "3", "BENCH_RESULTS": str(tmp_path)}
    done = subprocess.run(
        [sys.executable, "-m", "bench", "create"],
        cwd=BASE,
        env=environment,
        capture_output=True,
        text=True,
        timeout=55,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "create a ticket" in (tmp_path / "RESULTS.md").read_text(encoding="utf-8")


def test_every_part_is_run_and_explained() -> None:
    files = {path.stem for path in (FOLDER / "parts").glob("[a-z]*.py")}
    table_of_parts = (FOLDER / "README.md").read_text(encoding="utf-8")
    assert files == set(PARTS)
    assert [name for name in PARTS if f"| `{name}` |" not in table_of_parts] == []


def test_a_row_says_whether_its_goal_is_reached() -> None:
    slow = Row("create", "ms", 4, 2, 1.9, against="bare")
    fast = Row("mails", "/s", 400, 500, 0.6, at_most=False, against="smtplib")
    page = table({"cores": 2, "python": "3.11"}, {"some": [slow, fast]})
    assert "| create | 4 ms | 2 ms (bare) | 2.00 | ≤ 1.9 | **missed** |" in page
    assert "| mails | 400 /s | 500 /s (smtplib) | 0.80 | ≥ 0.6 | ok |" in page
