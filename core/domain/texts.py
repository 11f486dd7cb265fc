"""What people write: how long it may be, and that something of it can be seen."""

from unicodedata import category

MAX_TEXT = 2_000
SHORTEST_COMMENT = 3
SHORTEST_REPORT = 5  # what was done
MAX_MESSAGE = 4_000
TAKEN_BACK = "This message was deleted."  # in the place of its words in what was told of it
UNSEEN = frozenset({"Cc", "Cf", "Mn", "Zl", "Zp", "Zs"})  # control, format, marks without a letter, spaces
BLANK = frozenset("\u115f\u1160\u2800\u3164\uffa0")  # letters and a sign that are empty


def can_be_seen(text: str) -> bool:
    """Whether it has a character that shows."""
    return not all(category(one) in UNSEEN or one in BLANK for one in text)
