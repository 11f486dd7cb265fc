"""The registry finds what lies in its directories, and refuses what cannot be."""

import sys
from pathlib import Path
from types import ModuleType

import pytest

from core.notifications import registry
from core.notifications.event import Event

EVENT = "from core.notifications.events.ticket_opened import event"


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """An empty package, as channels/ and events/ are packages."""
    package = ModuleType("found_by_a_test")
    package.__path__ = [str(tmp_path)]
    monkeypatch.setitem(sys.modules, package.__name__, package)
    return package


def write(package: ModuleType, name: str, text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    Path(package.__path__[0], f"{name}.py").write_text(text, encoding="utf-8")
    monkeypatch.delitem(sys.modules, f"{package.__name__}.{name}", raising=False)


def test_it_finds_what_lies_there(package: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    write(package, "one", EVENT, monkeypatch)
    assert list(registry.collect(package, "event", Event)) == ["ticket_opened"]


def test_it_refuses_two_of_one_key(package: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("two", "three"):
        write(package, name, EVENT, monkeypatch)
    with pytest.raises(ValueError, match="'ticket_opened' exists already"):
        registry.collect(package, "event", Event)


def test_it_refuses_what_is_of_another_kind(package: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    write(package, "four", "event = 'ticket_opened'", monkeypatch)
    with pytest.raises(TypeError, match=r"four\.event is not of type Event"):
        registry.collect(package, "event", Event)


def test_the_inbox_comes_first_and_leaves_the_house_never() -> None:
    assert next(iter(registry.channels())) == "SYSTEM"
    assert registry.outgoing_channels() == ["EMAIL", "WHATSAPP"]
