"""Whether it is the demo: what `manage.py` and `make run` decide from `.env` and the environment."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

BASE = Path(__file__).resolve().parent.parent.parent
# Stands in for Python in the Makefile: says what it was given.
REPORTER = f"""#!{sys.executable}
import json, os
print(json.dumps({{name: os.environ.get(name) for name in ("DEMO", "DATA_DIR")}}))
"""


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """Without the `.env` of whoever runs the tests."""
    for name in ("Makefile", "manage.py", "requirements.txt"):
        shutil.copy(BASE / name, tmp_path / name)
    return tmp_path


def run(*command: str, cwd: Path, **given: str) -> str:
    bare = {name: value for name, value in os.environ.items() if name.startswith(("COV", "PATH", "HOME", "SYSTEMROOT"))}
    result = subprocess.run(command, cwd=cwd, env=bare | given, capture_output=True, text=True, timeout=30, check=False)
    return result.stdout + result.stderr


def demo(checkout: Path, **given: str) -> str:
    """DEMO as any command finds it when `manage.py` is called from elsewhere."""
    program = (
        "import os, runpy; from django.core import management;"
        "management.execute_from_command_line = lambda argv: print(os.environ.get('DEMO', 'unset'));"
        f"runpy.run_path({str(checkout / 'manage.py')!r}, run_name='__main__')"
    )
    return run(sys.executable, "-c", program, cwd=BASE, **given).strip()


def test_with_nothing_configured_it_is_the_demo(checkout: Path) -> None:
    assert demo(checkout) == "1"
    assert demo(checkout, DEMO="", DEBUG="", SECRET_KEY="", DATABASE_URL="") == "1"


@pytest.mark.parametrize("name", ["DEBUG", "SECRET_KEY", "DATABASE_URL"])
def test_with_anything_configured_it_is_not(checkout: Path, name: str) -> None:
    assert demo(checkout, **{name: "1"}) == "unset"


def test_a_file_beside_manage_py_decides_wherever_one_stands(checkout: Path) -> None:
    (checkout / ".env").write_text("DEBUG=1\n", encoding="utf-8")
    assert demo(checkout) == "unset"


@pytest.fixture
def make(checkout: Path) -> Path:
    """`make run` here starts nothing, but says what it would start with."""
    python = checkout / ".venv" / "bin" / "python"
    python.parent.mkdir(parents=True)
    python.write_text(REPORTER, encoding="utf-8")
    python.chmod(0o755)
    (checkout / ".venv" / "run.stamp").touch()
    return checkout


def started_with(folder: Path, *arguments: str, **given: str) -> dict[str, str | None]:
    first, second = run("make", "run", *arguments, cwd=folder, **given).splitlines()
    assert first == second  # migrate and runserver
    found: dict[str, str | None] = json.loads(first)
    return found


def test_make_run_is_the_demo(make: Path) -> None:
    assert started_with(make) == {"DEMO": "1", "DATA_DIR": None}
    assert started_with(make, DATABASE_URL="postgres://localhost/x")["DEMO"] == "1"


def test_make_run_leaves_it_to_the_file(make: Path) -> None:
    (make / ".env").write_text("DEMO=0\n", encoding="utf-8")
    assert started_with(make) == {"DEMO": None, "DATA_DIR": None}


@pytest.mark.parametrize("file", ["", "DEMO=1\n"])
def test_make_run_takes_what_it_is_given(make: Path, file: str) -> None:
    if file:
        (make / ".env").write_text(file, encoding="utf-8")
    assert started_with(make, "DEMO=0", "DATA_DIR=here") == {"DEMO": "0", "DATA_DIR": "here"}
    assert started_with(make, DEMO="0", DATA_DIR="here") == {"DEMO": "0", "DATA_DIR": "here"}
