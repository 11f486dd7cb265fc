"""`.env.example` lists every setting that is read from the environment, and no other."""

import re
from pathlib import Path

BASE = Path(__file__).resolve().parent.parent
SETTINGS = "".join(path.read_text(encoding="utf-8") for path in (BASE / "Management").glob("*.py"))
EXAMPLE = (BASE / ".env.example").read_text(encoding="utf-8")


def test_every_setting_is_listed_and_nothing_else() -> None:
    asked = r"""(?:env\.\w+|_list|_number)\(\s*"([A-Z_]+)\""""
    read = {*re.findall(asked, SETTINGS), "SECRET_KEY", "JWT_SIGNING_KEY"}
    listed = re.findall(r"^#?([A-Z_]+)=", EXAMPLE, re.M)
    assert sorted(read) == sorted(listed)


def test_each_setting_has_a_comment_of_its_own() -> None:
    lines = EXAMPLE.splitlines()
    for number, line in enumerate(lines):
        if re.match(r"#?[A-Z_]+=", line):
            assert re.match(r"# \S", lines[number - 1]), line


def test_copying_it_unchanged_sets_nothing() -> None:
    assert [line for line in EXAMPLE.splitlines() if line and not line.startswith("#")] == []
