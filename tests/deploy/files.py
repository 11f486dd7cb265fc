"""What the tests of deploy/ share: its files, and whether a command in them is one that exists."""

import re
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path
from typing import Any

from celery.bin.celery import celery
from django.core.management import get_commands, load_command_class
from django.urls import resolve

ROOT = Path(__file__).resolve().parent.parent.parent
DEPLOY = ROOT / "deploy"
PORT = 8000
SETTINGS = set(re.findall(r"^#?([A-Z_]+)=", (ROOT / ".env.example").read_text(encoding="utf-8"), re.M))
VERSION = re.findall(r'^version = "(.+)"$', (ROOT / "pyproject.toml").read_text(encoding="utf-8"), re.M)[0]
IMAGE = f"incident-management:{VERSION}"


def text(name: str) -> str:
    return (DEPLOY / name).read_text(encoding="utf-8")


def check_command(command: Sequence[str]) -> dict[str, Any]:
    """Read it as Django or Celery would; returns the options of a management command."""
    program, *arguments = [Path(command[0]).name, *command[1:]]
    if program == "python":
        assert arguments.pop(0) == "manage.py"
        name, *rest = arguments
        parser = load_command_class(get_commands()[name], name).create_parser("manage.py", name)
        return vars(parser.parse_args(rest))
    assert program == "celery"
    assert arguments[:2] == ["-A", "Management"]
    assert import_module("Management").celery.app
    known = {option for parameter in celery.commands[arguments[2]].params for option in parameter.opts}
    assert {word.partition("=")[0] for word in arguments[3:] if word.startswith("--")} <= known
    return {}


def check_serves_all(command: Sequence[str]) -> None:
    """A web process that others than this machine reach, on the port that all files agree on."""
    options = check_command(command)
    assert (options["host"], options["port"]) == ("0.0.0.0", PORT)


def check_settings(assignments: str) -> None:
    """`NAME=value NAME=value`: settings of ours, or Python's."""
    names = {word.partition("=")[0] for word in assignments.split()}
    assert {name for name in names if not name.startswith(("PYTHON", "PATH"))} <= SETTINGS


def check_route(path: str) -> None:
    assert resolve(path).url_name == path.strip("/")
