"""Cells of tables that people open in a spreadsheet, which runs what begins with one of SIGNS as a formula (OWASP)."""

import re

SIGNS = "=+-@\t\r\n＝＋－＠"  # noqa: RUF001 - the wide ones count, too
FORMULA = re.compile(f"'*[{re.escape(SIGNS)}]")


def defused(text: str) -> str:
    """`text` as a spreadsheet takes it for text; undone() gives it back, whatever it was."""
    return f"'{text}" if FORMULA.match(text) else text


def undone(text: str) -> str:
    return text[1:] if text.startswith("'") and FORMULA.match(text) else text
