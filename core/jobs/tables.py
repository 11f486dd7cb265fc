"""Tables are written row by row: what is in memory does not grow with them."""

import csv
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from io import FileIO
from pathlib import Path
from typing import Any

from xlsxwriter import Workbook

from core.domain.cells import defused

LONGEST_SHEET = 1_048_576  # rows; spreadsheets open no more
RENEWED = 5.0  # seconds
CSV = "text/csv"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

Write = Callable[[Sequence[str]], None]  # one row; the first are the names of the columns
Renew = Callable[[], None]


@contextmanager
def csv_table(path: Path) -> Iterator[Write]:
    """With a byte order mark, by which Excel knows UTF-8. What would run as a formula is made text."""
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        rows = csv.writer(file)

        def write(row: Sequence[str]) -> None:
            rows.writerow(map(defused, row))

        yield write


@contextmanager
def xlsx_table(path: Path, renew: Renew) -> Iterator[Write]:
    """Every cell is text, so nothing runs. What is longer than a sheet goes on in another."""
    with Renewing(path, renew) as file:
        book = Workbook(file, {"constant_memory": True, "tmpdir": str(path.parent)})
        try:
            yield Sheets(book).write
        finally:
            book.close()


class Sheets:
    def __init__(self, book: Workbook) -> None:
        self.book, self.sheet, self.next_row = book, book.add_worksheet(), 0
        self.header: Sequence[str] = []

    def write(self, row: Sequence[str]) -> None:
        self.header = self.header or row
        if self.next_row == LONGEST_SHEET:
            self.sheet, self.next_row = self.book.add_worksheet(), 0
            self.write(self.header)
        for column, text in enumerate(row):
            if text:
                self.sheet.write_string(self.next_row, column, text)
        self.next_row += 1


class Renewing(FileIO):
    """Renews the lease while it is written: a large book is packed in one go, when it is closed."""

    def __init__(self, path: Path, renew: Renew) -> None:
        super().__init__(path, "w+")
        self.renew, self.renew_at = renew, time.monotonic() + RENEWED

    def write(self, data: Any) -> int:
        if time.monotonic() >= self.renew_at:
            self.renew()
            self.renew_at = time.monotonic() + RENEWED
        return super().write(data)
