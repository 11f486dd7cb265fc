"""The systemd units: keys that systemd knows, commands that exist, and few rights."""

import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from core.management.commands.serve import STOP_SECONDS
from tests.deploy.files import DEPLOY, check_command, check_settings, text

FOLDER = DEPLOY / "systemd"
UNITS = sorted(path.name for path in FOLDER.iterdir())
HOME = "/opt/incidents"
Unit = dict[str, dict[str, list[str]]]


def read(name: str) -> Unit:
    """Sections, and of each key all values: a key may stand there twice."""
    unit: Unit = {}
    section = ""
    for line in text(f"systemd/{name}").splitlines():
        if found := re.fullmatch(r"\[(\w+)\]", line):
            section = found[1]
        elif line and not line.startswith("#"):
            key, separator, given = line.partition("=")
            assert separator, line
            unit.setdefault(section, {}).setdefault(key, []).append(given)
    return unit


def test_all_parts_are_there() -> None:
    assert UNITS == [
        "incidents-beat.service", "incidents-migrate.service", "incidents-web@.service", "incidents-worker.service",
    ]  # fmt: skip


@pytest.mark.parametrize("name", UNITS)
def test_the_command_exists(name: str) -> None:
    [command] = read(name)["Service"]["ExecStart"]
    assert command.startswith(f"{HOME}/.venv/bin/")
    assert read(name)["Service"]["WorkingDirectory"] == [HOME]
    check_settings(read(name)["Service"]["Environment"][0])
    options = check_command(shlex.split(command.replace("%i", "8001")))
    if "@" in name:
        assert (options["host"], options["port"]) == ("127.0.0.1", 8001)


@pytest.mark.parametrize("name", UNITS)
def test_it_may_do_little(name: str) -> None:
    service = read(name)["Service"]
    wanted = {
        "User": "incidents", "NoNewPrivileges": "yes", "CapabilityBoundingSet": "", "ProtectSystem": "strict",
        "ProtectHome": "yes", "PrivateTmp": "yes", "PrivateDevices": "yes", "UMask": "0077",
    }  # fmt: skip
    assert {key: service[key] for key in wanted} == {key: [given] for key, given in wanted.items()}


def test_what_serves_is_restarted_and_has_the_time_to_end() -> None:
    seconds = {"incidents-web@.service": STOP_SECONDS, "incidents-worker.service": 40, "incidents-beat.service": 5}
    for name, least in seconds.items():
        service = read(name)["Service"]
        assert service["Restart"] == ["always"]
        assert int(service["TimeoutStopSec"][0]) > least
        assert read(name)["Install"]["WantedBy"] == ["multi-user.target"]
    assert read("incidents-web@.service")["Service"]["Type"] == ["notify"]
    assert "Install" not in read("incidents-migrate.service")  # by hand


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="needs systemd-analyze")
def test_systemd_understands_them(tmp_path: Path) -> None:
    """With commands of this Python's folder, since it looks whether they are there."""
    names = [name.replace("@", "@8001") for name in UNITS]
    for source, target in zip(UNITS, names, strict=True):
        here = text(f"systemd/{source}").replace(f"{HOME}/.venv/bin", str(Path(sys.executable).parent))
        (tmp_path / target).write_text(here, encoding="utf-8")
    command = ["systemd-analyze", "verify", "--man=no", *(str(tmp_path / name) for name in names)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=30, check=False)
    about = [line for line in done.stderr.splitlines() if any(name in line for name in names)]
    assert (done.returncode, about) == (0, []), done.stderr
