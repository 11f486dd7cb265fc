"""What is left of a ticket's words where everybody may read them."""

import re
from collections.abc import Iterable

BLANK = "[…]"
# Possessively, and only where a word begins: a long text takes no longer than it is long.
MAIL = r"(?<![\w.+-])[\w.+-]++@[\w-]++(?:\.[\w-]++)*"
MENTION = r"(?<!\w)@[\w.+-]*\w"
PHONE = r"(?<!\w)[+(]?\d(?:[ \u00a0()./-]{0,3}\d){6,}"  # seven digits or more
MOMENT = r"(?<!\w)\d{4}-\d\d-\d\d(?:[ T]\d\d:\d\d[\d:.]*)?(?![\w-])"
BYTE = r"(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)"
ADDRESS = rf"(?<![\w.]){BYTE}(?:\.{BYTE}){{3}}(?!\.?\w)"  # of the internet
PRIVATE = re.compile(f"{MAIL}|(?P<kept>{MOMENT}|{ADDRESS})|{MENTION}|{PHONE}")


def without_private(text: str, names: Iterable[str]) -> str:
    """`text` with e-mail addresses, phone numbers, @mentions, and `names` wherever they stand as words, blanked.

    Names last: blanked within an address, they would leave the rest of it.
    """
    text = PRIVATE.sub(lambda found: found["kept"] or BLANK, text)
    known = sorted({name for name in names if name.strip()}, key=len, reverse=True)
    if not known:
        return text
    spelled = "|".join(map(re.escape, known))
    return re.sub(rf"(?<!\w)(?:{spelled})(?!\w)", BLANK, text, flags=re.IGNORECASE)
