"""What `serve` refuses before it serves anything. How it serves and ends: tests/end_to_end/test_stack.py."""

import os
import socket
import sys
import time
from pathlib import Path

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from pytest_django import Settings

from core.management.address import host_of
from core.management.commands.serve import say_ready
from core.management.stack.child import end
from core.management.stack.processes import Web

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


def test_in_demo_mode_an_inherited_socket_is_judged_by_its_own_name(settings: Settings, tmp_path: Path) -> None:
    settings.CELERY_BROKER_URL, settings.DEMO = REDIS, True
    with socket.create_server(("0.0.0.0", 0)) as everywhere, pytest.raises(CommandError, match="known passwords"):
        call_command("serve", "--fd", str(everywhere.detach()))
    with socket.socket(socket.AF_UNIX) as file, socket.create_server(("127.0.0.1", 0)) as here:
        file.bind(str(tmp_path / "socket"))
        assert [host_of(file), host_of(here)] == ["localhost", "127.0.0.1"]


def test_a_process_started_often_does_not_hang_when_it_says_that_it_is_ready(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NOTIFY_SOCKET", str(tmp_path / "web1"))
    with socket.create_server(("127.0.0.1", 0)) as listener:
        web = Web("web1", os.environ, listener, tmp_path)
        web.command = [sys.executable, "-c", ""]
        for _ in range(24):
            web.start()
            say_ready()
            end([web], seconds=5)
    web.wait_until_ready(time.monotonic() + 1, time.sleep)
    web.ready.close()
