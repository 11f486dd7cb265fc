"""What the settings refuse, and the secrets they make. Each in a process of its own: settings are read once."""

import json
import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from Management.secrets import load_or_make

BASE = Path(__file__).resolve().parent.parent
LONG = "x" * 40


def check(tmp_path: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """`manage.py check` with nothing configured but what is given."""
    bare = {name: value for name, value in os.environ.items() if name.startswith(("COV", "PATH", "HOME", "SYSTEMROOT"))}
    empty = dict.fromkeys(("SECRET_KEY", "JWT_SIGNING_KEY", "DATABASE_URL", "REDIS_URL"), "")
    given = {**bare, **empty, "DEMO": "0", "DEBUG": "0", "DATA_DIR": str(tmp_path / "data"), **environment}
    command = [sys.executable, "manage.py", "check"]
    return subprocess.run(command, cwd=BASE, env=given, capture_output=True, text=True, timeout=30, check=False)


@pytest.mark.parametrize(
    ("environment", "complaint"),
    [
        ({}, "Set SECRET_KEY and JWT_SIGNING_KEY"),
        ({"SECRET_KEY": LONG}, "Set JWT_SIGNING_KEY"),
        ({"SECRET_KEY": "change-me", "JWT_SIGNING_KEY": LONG}, "Set SECRET_KEY"),
        ({"SECRET_KEY": LONG, "JWT_SIGNING_KEY": "too-short"}, "JWT_SIGNING_KEY must have at least 32 characters"),
    ],
)
def test_it_does_not_start_with_a_missing_default_or_short_secret(
    tmp_path: Path, environment: dict[str, str], complaint: str
) -> None:
    result = check(tmp_path, **environment)
    assert result.returncode != 0
    assert complaint in result.stderr
    assert not (tmp_path / "data" / "secrets.json").exists()


def test_it_starts_with_both_secrets(tmp_path: Path) -> None:
    result = check(tmp_path, SECRET_KEY=LONG, JWT_SIGNING_KEY=LONG)
    assert result.returncode == 0, result.stderr


@pytest.mark.parametrize("mode", ["DEMO", "DEBUG"])
def test_on_a_laptop_the_secrets_are_made_once_and_kept_from_others(tmp_path: Path, mode: str) -> None:
    file = tmp_path / "data" / "secrets.json"
    result = check(tmp_path, **{mode: "1"})
    assert result.returncode == 0, result.stderr
    made = json.loads(file.read_text(encoding="utf-8"))
    assert made["SECRET_KEY"] != made["JWT_SIGNING_KEY"]
    assert os.name == "nt" or stat.S_IMODE(file.stat().st_mode) == 0o600
    assert check(tmp_path, **{mode: "1"}).returncode == 0
    assert json.loads(file.read_text(encoding="utf-8")) == made


def test_whoever_comes_second_gets_the_secrets_of_the_first(tmp_path: Path) -> None:
    file = tmp_path / "secrets.json"
    first = load_or_make(file, ("A",))
    assert load_or_make(file, ("A",)) == first
    assert list(tmp_path.iterdir()) == [file]
