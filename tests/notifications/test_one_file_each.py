"""A new channel is one new file, and so is a new event. This does it, in a copy of the product."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.architecture.sources import ROOT

ADDITIONS = Path(__file__).parent / "additions"


@pytest.fixture
def product(tmp_path: Path) -> Path:
    """A copy of the product with one channel file and one event file more."""
    copy = tmp_path / "product"
    for folder in ("core", "Management"):
        shutil.copytree(ROOT / folder, copy / folder, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", copy)
    shutil.copy(ADDITIONS / "pigeon.py", copy / "core/notifications/channels")
    shutil.copy(ADDITIONS / "ticket_praised.py", copy / "core/notifications/events")
    shutil.copy(ADDITIONS / "story.py", copy)
    return copy


def run(product: Path, *command: str) -> str:
    """Run Python in the copy with an environment of its own (and unmeasured: these are other files)."""
    loft = product / "loft"
    loft.mkdir(exist_ok=True)
    environment = {
        "PATH": os.environ["PATH"],
        "DJANGO_SETTINGS_MODULE": "Management.settings",
        "DATABASE_URL": f"sqlite:///{product / 'db.sqlite3'}",
        "DEMO": "1",  # mail and WhatsApp stay in the development outbox
        "PIGEON_LOFT": str(loft),
    }
    done = subprocess.run(
        [sys.executable, *command],
        cwd=product,
        env=environment,
        capture_output=True,
        text=True,
        timeout=50,
        check=False,
    )
    assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"
    return done.stdout


def test_a_channel_and_an_event_are_one_file_each(product: Path) -> None:
    printed = run(product, "-c", "import django; django.setup(); import story; story.main()")
    happened: dict[str, Any] = json.loads(printed.splitlines()[-1])
    assert happened["channels"] == ["EMAIL", "PIGEON", "SYSTEM", "WHATSAPP"]
    assert happened["told"] == [
        ["ticket_assigned", "dan", "SENT", True],
        ["ticket_created", "ada", "SENT", True],
        ["ticket_opened", "cleo", "SENT", True],
        ["ticket_praised", "ada", "SENT", True],
        ["ticket_praised", "dan", "SENT", True],
    ]
    letters = [letter.read_text(encoding="utf-8") for letter in (product / "loft").iterdir()]
    assert len(letters) == 5
    assert sum("loft of dan\nCleo praised your work on ticket: Blank page\n" in letter for letter in letters) == 1


def test_the_floors_hold_with_them(product: Path) -> None:
    assert "0 broken" in run(product, "-c", "from importlinter.cli import lint_imports; lint_imports(no_cache=True)")
