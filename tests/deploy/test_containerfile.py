"""The image, as far as one sees without building it."""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.deploy.files import IMAGE, PORT, ROOT, check_route, check_serves_all, check_settings, text


@pytest.fixture(scope="module")
def instructions() -> list[tuple[str, str]]:
    """Each instruction and its arguments, without comments and with lines joined."""
    plain = re.sub(r"\\\n\s*", "", re.sub(r"^#.*\n", "", text("Containerfile"), flags=re.M))
    return [(name, rest) for name, _, rest in (line.partition(" ") for line in plain.splitlines() if line)]


def test_it_is_slim_official_and_of_a_python_that_the_product_takes(instructions: list[tuple[str, str]]) -> None:
    bases = [rest.split()[0] for name, rest in instructions if name == "FROM"]
    assert len(bases) == 2
    assert set(bases) == {"docker.io/library/python:3.11-slim"}


def test_it_ends_as_somebody_without_rights_and_never_as_a_demo(instructions: list[tuple[str, str]]) -> None:
    assert [rest for name, rest in instructions if name == "USER"] == ["10001:10001"]
    last = [name for name, _ in instructions]
    assert "RUN" not in last[last.index("USER") :]
    assert "DEMO=0" in dict(instructions)["ENV"].split()
    check_settings(dict(instructions)["ENV"])


def test_it_serves_and_asks_itself_whether_it_lives(instructions: list[tuple[str, str]]) -> None:
    given = dict(instructions)
    check_serves_all(json.loads(given["CMD"]))
    assert given["EXPOSE"] == str(PORT)
    check = json.loads(given["HEALTHCHECK"].partition("CMD ")[2])
    compile(check[2], "HEALTHCHECK", "exec")
    address = re.findall(r"http://127\.0\.0\.1:(\d+)(/\w+)", check[2])
    assert address == [(str(PORT), "/healthz")]
    check_route("/healthz")


def test_what_it_copies_is_let_through_and_is_all_that_the_product_needs(
    instructions: list[tuple[str, str]], tmp_path: Path
) -> None:
    copied = [rest.split()[0].rstrip("/") for name, rest in instructions if name == "COPY" and "--from" not in rest]
    ignore = [line for line in text("Containerfile.dockerignore").splitlines() if not line.startswith("#")]
    assert ignore == ["**", *(f"!{name}" for name in copied), "**/__pycache__"]
    for name in copied:
        source = ROOT / name
        copy = shutil.copytree if source.is_dir() else shutil.copy
        copy(source, tmp_path / name)
    environment = {"PATH": os.environ["PATH"], "DATA_DIR": str(tmp_path / "data"), "DEMO": "0"}
    command = [sys.executable, "manage.py", "check"]
    bare = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
    assert "Set SECRET_KEY and JWT_SIGNING_KEY" in bare.stderr
    secrets = {"SECRET_KEY": "s" * 40, "JWT_SIGNING_KEY": "j" * 40, "DATABASE_URL": "postgres://u:p@postgres/incidents"}
    set_up = subprocess.run(
        command, cwd=tmp_path, env=environment | secrets, capture_output=True, text=True, check=False
    )
    assert set_up.returncode == 0, set_up.stderr
    assert not (tmp_path / "data").exists()


def test_the_readme_builds_it_by_the_name_that_all_use() -> None:
    assert f"docker build -f deploy/Containerfile -t {IMAGE} ." in text("README.md")
