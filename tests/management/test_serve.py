"""What `serve` refuses before it serves anything. How it serves and ends: tests/end_to_end/test_stack.py."""

import socket
from pathlib import Path

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from pytest_django import Settings

from core.management.commands.serve import say_ready

REDIS = "redis://127.0.0.1:1/0"


def test_without_redis_nobody_would_send_anything(settings: Settings) -> None:
    settings.CELERY_BROKER_URL = "memory://localhost/"
    with pytest.raises(CommandError, match="set REDIS_URL, or take runserver"):
        call_command("serve", "--port", "0")


def test_demo_mode_listens_on_this_machine_only(settings: Settings) -> None:
    settings.CELERY_BROKER_URL, settings.DEMO = REDIS, True
    with pytest.raises(CommandError, match="known passwords"):
        call_command("serve", "--host", "0.0.0.0", "--port", "0")


def test_it_says_that_it_is_ready_as_systemd_wants_to_hear_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    say_ready()  # to nobody
    for name in (str(tmp_path / "notify"), f"\0{tmp_path}"):
        monkeypatch.setenv("NOTIFY_SOCKET", name.replace("\0", "@"))
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listener:
            listener.settimeout(1)
            listener.bind(name)
            say_ready()
            assert listener.recv(64) == b"READY=1"
