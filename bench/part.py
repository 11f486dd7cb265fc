"""`python -m bench.part create`: one part, in the environment the runner made; its rows as JSON on the last line."""

import json
import sys
from dataclasses import asdict
from importlib import import_module

import django


def main(name: str) -> None:
    django.setup()
    rows = import_module(f"bench.parts.{name}").measure()
    print(json.dumps([asdict(row) for row in rows]))


if __name__ == "__main__":
    main(sys.argv[1])
