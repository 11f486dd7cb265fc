"""Rows of results, kept as JSON and shown as a table."""

import json
import os
import platform
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

FOLDER = Path(__file__).resolve().parent
RESULTS = Path(os.environ.get("BENCH_RESULTS", FOLDER))
JSON, TABLE = RESULTS / "results.json", RESULTS / "RESULTS.md"


@dataclass(frozen=True)
class Row:
    """Ours beside a reference, in `unit`. The goal is for their ratio; without a reference for ours itself."""

    what: str
    unit: str
    ours: float
    reference: float | None
    goal: float
    at_most: bool = True  # else at least
    against: str = ""  # what the reference is
    note: str = ""

    @property
    def measure(self) -> float:
        return self.ours if self.reference is None else self.ours / self.reference

    @property
    def ok(self) -> bool:
        return self.measure <= self.goal if self.at_most else self.measure >= self.goal

    def line(self) -> str:
        unit = "" if self.reference is not None else f" {self.unit}"
        cells = [
            self.what,
            f"{shown(self.ours)} {self.unit}",
            f"{shown(self.reference)} {self.unit} ({self.against})" if self.reference is not None else "-",
            f"{self.measure:.2f}" if self.reference is not None else "-",
            f"{'≤' if self.at_most else '≥'} {self.goal:g}{unit}",
            "ok" if self.ok else "**missed**",
        ]
        return f"| {' | '.join(cells)} |"


def shown(number: float) -> str:
    return f"{number:,.0f}" if number >= 100 else f"{number:.3g}"


def save(measured: dict[str, list[Row]], order: list[str]) -> None:
    """Write the parts that were measured beside those of earlier runs."""
    kept = json.loads(JSON.read_text(encoding="utf-8"))["parts"] if JSON.exists() else {}
    parts = {name: [Row(**row) for row in rows] for name, rows in kept.items()} | measured
    parts = {name: parts[name] for name in order if name in parts}
    machine = {"cores": os.cpu_count(), "python": platform.python_version(), "system": platform.system()}
    body = {"machine": machine, "parts": {name: [asdict(row) for row in rows] for name, rows in parts.items()}}
    JSON.write_text(json.dumps(body, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    TABLE.write_text(table(machine, parts), encoding="utf-8")


def table(machine: Mapping[str, object], parts: dict[str, list[Row]]) -> str:
    rows = [row for part in parts.values() for row in part]
    lines = [
        "# Results of `make bench`",
        "",
        f"{machine['cores']} cores, Python {machine['python']}, PostgreSQL and Redis on the same machine. Medians",
        "unless a row says otherwise; ours and its reference are measured in turns in one run. [How](README.md).",
        "",
        "| what | ours | reference | ratio | goal | |",
        "|---|---|---|---|---|---|",
        *(row.line() for row in rows),
    ]
    notes = [f"- {row.what}: {row.note}" for row in rows if row.note]
    return "\n".join([*lines, *(["", *notes] if notes else []), ""])
