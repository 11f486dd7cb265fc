"""`python -m bench [part …]`: measure, and write results.json and RESULTS.md."""

import json
import os
import subprocess
import sys

from bench.results import Row, save
from bench.world import MODEL, World, world

PARTS = ["create", "lists", "updates", "big_inbox", "read_all", "replay", "positions", "deliveries"]
PARTS += ["audit", "idle_messages", "frames", "live", "burst", "idle_sockets", "idle_streams"]
PARTS += ["export", "jobs", "helpdesk"]


def main(wanted: list[str]) -> None:
    if unknown := set(wanted) - set(PARTS):
        sys.exit(f"No such part: {', '.join(sorted(unknown))}. There are: {', '.join(PARTS)}")
    with world() as made:
        environment = os.environ | made.create(MODEL)
        subprocess.run([sys.executable, "manage.py", "migrate", "--verbosity", "0"], env=environment, check=True)
        for name in wanted or PARTS:
            save({name: measure(made, name)}, PARTS)


def measure(made: World, part: str) -> list[Row]:
    """Run one part in a process and a database of its own."""
    print(f"{part} …", flush=True)
    environment = os.environ | made.create(f"bench_{part}", MODEL)
    command = [sys.executable, "-m", "bench.part", part]
    done = subprocess.run(command, env=environment, stdout=subprocess.PIPE, text=True, check=True)
    rows = [Row(**row) for row in json.loads(done.stdout.splitlines()[-1])]
    for row in rows:
        print(row.line(), flush=True)
    return rows


if __name__ == "__main__":
    main(sys.argv[1:])
