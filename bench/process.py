"""What a process of the product holds: memory, threads and database connections."""

import asyncio
import os
import re
import time
from dataclasses import dataclass
from pathlib import Path

from bench.world import database

BUSY = 0.1  # seconds of CPU a second
SETTLE_SECONDS = 60
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


async def settled(process: int) -> None:
    """Wait until it has done what opening many connections left it to do: each joins its group, and looks once more."""
    deadline, used, before = time.monotonic() + SETTLE_SECONDS, BUSY, cpu_seconds(process)
    while used >= BUSY:
        if time.monotonic() > deadline:
            raise RuntimeError(f"Process {process} has no rest.")
        await asyncio.sleep(1)
        used, before = cpu_seconds(process) - before, cpu_seconds(process)


def cpu_seconds(process: int) -> float:
    fields = Path(f"/proc/{process}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def status(process: int, name: str) -> int:
    found = re.search(rf"{name}:\s+(\d+)", Path(f"/proc/{process}/status").read_text(encoding="utf-8"))
    if found is None:
        raise RuntimeError(f"What is {name} of process {process}?")
    return int(found[1])
