"""What a process of the product holds: memory, threads and database connections."""

import re
from dataclasses import dataclass
from pathlib import Path

from bench.world import database

CONNECTIONS = """
    SELECT count(*) FROM pg_stat_activity
    WHERE datname = current_database() AND backend_type = 'client backend' AND pid <> pg_backend_pid()
"""


@dataclass(frozen=True, slots=True)
class Held:
    kilobytes: int
    threads: int
    connections: int


def held(process: int) -> Held:
    """The connections are those of all processes to this part's database, without ours that asks."""
    with database() as server:
        found = server.execute(CONNECTIONS).fetchone()
    return Held(status(process, "VmRSS"), status(process, "Threads"), found[0] if found else 0)


def status(process: int, name: str) -> int:
    found = re.search(rf"{name}:\s+(\d+)", Path(f"/proc/{process}/status").read_text(encoding="utf-8"))
    if found is None:
        raise RuntimeError(f"What is {name} of process {process}?")
    return int(found[1])
