"""The floors of DESIGN §2 hold, and every module of core stands on one (contracts in pyproject.toml)."""

import subprocess
import sys
from pathlib import Path

from importlinter.api import read_configuration

from tests.architecture.sources import ROOT

CONFIGURATION = str(ROOT / "pyproject.toml")


def test_every_contract_is_kept() -> None:
    # In a process of its own: it sets up logging anew, which would silence ours.
    command = [str(Path(sys.executable).with_name("lint-imports")), "--no-logo", "--no-cache"]
    result = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=50, check=False)
    assert result.returncode == 0, result.stdout + result.stderr


def test_a_module_without_a_floor_would_break_the_contract() -> None:
    contracts = read_configuration(CONFIGURATION)["contracts_options"]
    floors = next(
        contract for contract in contracts if contract["type"] == "layers" and contract["containers"] == ["core"]
    )
    assert floors["exhaustive"] in (True, "True")
    assert floors["exhaustive_ignores"] == ["migrations"]
