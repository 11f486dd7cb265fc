"""README tells the truth about settings, commands, people and files."""

import re

from core.management.demo.people import PASSWORD, PEOPLE
from core.management.doc_tables import SETTING
from tests.architecture.sources import ROOT
from tests.docs.pages import blocks, read

README = read(ROOT / "README.md")
SETTINGS = "".join(read(path) for path in sorted((ROOT / "Management").glob("*.py")))


def test_the_settings_table_is_env_example() -> None:
    """The table is generated (test_tables); here: each setting once, and each one is read."""
    names = [found["name"] for line in read(ROOT / ".env.example").splitlines() if (found := SETTING.match(line))]
    assert names
    assert len(names) == len(set(names))
    assert [name for name in names if README.count(f"\n| `{name}` |") != 1] == []
    assert [name for name in names if f'"{name}"' not in SETTINGS] == []


def test_settings_that_are_read_are_in_env_example() -> None:
    used = set(re.findall(r"env\.\w+\(\s*\"([A-Z_]+)\"", SETTINGS))
    assert used - set(re.findall(r"^#?([A-Z_]+)=", read(ROOT / ".env.example"), re.MULTILINE)) == set()


def test_every_make_target_named_exists() -> None:
    makefile = read(ROOT / "Makefile")
    pages = README + read(ROOT / "CONTRIBUTING.md") + read(ROOT / "NOTIFICATION_SYSTEM_GUIDE.md")
    named = set(re.findall(r"(?:`|^)make ([a-z]+)", pages, re.MULTILINE))
    assert {"run", "test", "demo"} <= named
    assert [name for name in named if not re.search(rf"^{name}:", makefile, re.MULTILINE)] == []


def test_make_variables_named_exist() -> None:
    named = set(
        re.findall(r"\b([A-Z_]+)=\S+", "".join(block.text for block in blocks(README) if "make run" in block.text))
    )
    assert {"PORT", "DATA_DIR"} <= named
    known = read(ROOT / "Makefile") + read(ROOT / ".env.example")  # what is given to make goes on as a setting
    assert [name for name in named if not re.search(rf"^#?{name} ?\??=", known, re.MULTILINE)] == []


def test_the_demo_people_are_those_of_the_demo() -> None:
    rows = re.findall(r"^\| `(\w+)` \| ([^|]+) \| `([A-Z]+)` \|$", README, re.MULTILINE)
    assert rows == [(one.username, f"{one.first_name} {one.last_name}", one.role.value) for one in PEOPLE]
    assert f"`{PASSWORD}`" in README


def test_the_layout_names_what_is_there() -> None:
    layout = next(block.text for block in blocks(README) if block.language == "text")
    inside = {"actions", "channels", "domain", "events", "models", "notifications", "serializers", "views"}
    for name in re.findall(r"([A-Za-z_]+|docs/adr)/ ", layout):
        places = [ROOT / name, ROOT / "core" / name, ROOT / "core/notifications" / name, ROOT / "tests" / name]
        assert any(place.is_dir() for place in places), name
    assert inside <= set(re.findall(r"([a-z_]+)/ ", layout))


def test_the_changelog_knows_this_version() -> None:
    version = re.search(r'^version = "(.+)"$', read(ROOT / "pyproject.toml"), re.MULTILINE)
    assert version is not None
    assert f"## [{version[1]}]" in read(ROOT / "CHANGELOG.md")
