"""Tables as CSV (RFC 4180) in UTF-8, with `,` or `;`, as spreadsheets write them."""

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from io import StringIO
from itertools import islice

from core.files.limits import MEGABYTE, unfit

MAX_SIZE = 5 * MEGABYTE
MAX_ROWS = 5_000


@dataclass(frozen=True, slots=True)
class Line:
    """`number`: on which line of the file it begins."""

    number: int
    cells: list[str]


def table(content: bytes) -> tuple[list[str], list[Line]]:
    """The names of the columns, and the rows that are not blank; Invalid when this is no such table."""
    if len(content) > MAX_SIZE:
        raise unfit(f"A table may have at most {MAX_SIZE // MEGABYTE} MB.")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise unfit("This is no text in UTF-8.") from error
    # No more than is needed to refuse it: millions of short rows take a hundred times the memory of the file.
    header, *rows = [*islice(_lines(text), 1 + MAX_ROWS + 1)] or [Line(1, [])]
    if len(rows) > MAX_ROWS:
        raise unfit(f"A table may have at most {MAX_ROWS:,} rows.")
    names = [name.strip().lower() for name in header.cells]
    while names and not names[-1]:  # spreadsheets write what was beside the table once
        names.pop()
    return names, rows


def _lines(text: str) -> Iterator[Line]:
    first = text.lstrip().partition("\n")[0]
    rows = csv.reader(StringIO(text, newline=""), delimiter=max(",;", key=first.count), strict=True)
    before = 0
    try:
        for cells in rows:
            if any(cell.strip() for cell in cells):
                yield Line(before + 1, cells)
            before = rows.line_num
    except csv.Error as error:
        raise unfit(f"Line {before + 1}: {error}.") from error
