"""Which files are taken: all that people need, and nothing that is two things, a bomb or a trap."""

import pytest

from core.domain.errors import Invalid
from core.files.kinds import KINDS, content_type_of
from core.files.limits import MAX_SIZE
from core.files.names import clean, extension
from core.models.attachment import MAX_NAME
from tests.attachments.honest import HONEST
from tests.attachments.hostile import HOSTILE, huge_png


@pytest.mark.parametrize("name", HONEST)
def test_honest_files_are_taken_as_what_they_are(name: str) -> None:
    content, kind = HONEST[name]
    assert (clean(name), content_type_of(name, content)) == (name, kind)


def test_every_kind_has_an_honest_file() -> None:
    assert {extension(name) for name in HONEST} == set(KINDS)


@pytest.mark.parametrize("what", HOSTILE, ids=ascii)
def test_hostile_files_are_refused(what: str) -> None:
    name, content = HOSTILE[what]
    with pytest.raises(Invalid) as refusal:
        content_type_of(clean(name), content)
    assert set(refusal.value.fields) == {"file"}


def test_at_the_limits_files_are_taken() -> None:
    content_type_of("x.txt", b"x" * MAX_SIZE)
    content_type_of("x.png", huge_png(10_000, 5_000))
    assert clean("x" * (MAX_NAME - 4) + ".txt")


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("Screenshot at 12.30.00\u202fPM.png", "Screenshot at 12.30.00 PM.png"),
        ("  two  spaces.txt ", "two spaces.txt"),
        ("12:30 <now>?.txt", "12_30 _now__.txt"),
        ("Gru\u0308ße 日本.txt", "Grüße 日本.txt"),
        ("console.log", "console.log"),
    ],
)
def test_names_are_kept_as_every_system_can_keep_them(given: str, kept: str) -> None:
    assert clean(given) == kept
