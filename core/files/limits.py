"""How large and how many files may be, and how one is refused."""

from core.domain.errors import Invalid

MEGABYTE = 1024 * 1024
MAX_SIZE = 10 * MEGABYTE
MAX_BODY = MAX_SIZE + 64 * 1024  # with the form around the file
MAX_FILES = 20  # on one ticket
MAX_TOTAL = 100 * MEGABYTE  # on one ticket
MAX_PIXELS = 50_000_000


def unfit(reason: str) -> Invalid:
    """The refusal of a file, for people."""
    return Invalid({"file": [reason]})
