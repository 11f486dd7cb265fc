"""The floors of DESIGN §2 hold, and every module of core stands on one (contracts in pyproject.toml)."""

import pytest
from importlinter.api import read_configuration
from importlinter.cli import lint_imports

from tests.architecture.sources import ROOT

CONFIGURATION = str(ROOT / "pyproject.toml")


def test_every_contract_is_kept(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.chdir(ROOT)
    monkeypatch.syspath_prepend(str(ROOT))
    status = lint_imports(config_filename=CONFIGURATION, no_cache=True, no_logo=True)
    assert status == 0, capsys.readouterr().out


def test_a_module_without_a_floor_would_break_the_contract() -> None:
    contracts = read_configuration(CONFIGURATION)["contracts_options"]
    floors = next(
        contract for contract in contracts if contract["type"] == "layers" and contract["containers"] == ["core"]
    )
    assert floors["exhaustive"] in (True, "True")
    assert floors["exhaustive_ignores"] == ["migrations"]
