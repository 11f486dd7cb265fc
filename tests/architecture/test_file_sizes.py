"""A file that one cannot keep in mind is several files."""

from tests.architecture.sources import files, place

MAX_LINES = 300


def test_no_file_is_longer_than_300_lines() -> None:
    sizes = {
        place(path): len(path.read_text(encoding="utf-8").splitlines())
        for path in files("core", "Management", "tests", "bench", "clients")
    }
    assert {name: size for name, size in sizes.items() if size > MAX_LINES} == {}
