"""What `runserver` refuses before it serves anything, and what it says."""

import socket
from pathlib import Path

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from pytest_django import Settings

from core.management.address import parse
from core.management.banner import banner
from core.management.loopback import is_loopback
from tests.end_to_end.server import Processes


@pytest.mark.parametrize(
    ("text", "parsed"),
    [
        ("8123", ("127.0.0.1", 8123)),
        ("0.0.0.0:80", ("0.0.0.0", 80)),
        ("[::1]:8000", ("::1", 8000)),
        ("localhost:8000", ("localhost", 8000)),
    ],
)
def test_an_address_is_a_port_or_host_and_port(text: str, parsed: tuple[str, int]) -> None:
    assert parse(text) == parsed


@pytest.mark.parametrize("text", ["", "http", "127.0.0.1", "127.0.0.1:", "127.0.0.1:70000", "1:-1"])
def test_anything_else_is_refused(text: str) -> None:
    with pytest.raises(CommandError, match="not a valid"):
        parse(text)


@pytest.mark.parametrize("host", ["0.0.0.0", "192.168.1.7", "::", "example.com"])
def test_demo_mode_listens_on_this_machine_only(settings: Settings, host: str) -> None:
    settings.DEMO = True
    with pytest.raises(CommandError, match="known passwords"):
        call_command("runserver", f"[{host}]:8000")


@pytest.mark.parametrize(("host", "own"), [("127.0.0.1", True), ("::1", True), ("localhost", True), ("0.0.0.0", False)])
def test_which_addresses_are_this_machine(host: str, own: bool) -> None:
    assert is_loopback(host) is own


@pytest.mark.django_db
def test_a_port_in_use_is_said_in_one_line() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(CommandError, match=f"Cannot listen on 127.0.0.1:{port}: .*in use.* Try another port."):
            call_command("runserver", str(port))


def test_a_database_that_is_not_up_to_date_is_refused(tmp_path: Path) -> None:
    result = Processes(tmp_path).manage("runserver", "0")
    assert result.returncode == 1
    assert result.stderr.strip() == "CommandError: The database is not up to date. Run: python manage.py migrate"


def test_a_database_out_of_reach_is_said_in_one_line(tmp_path: Path) -> None:
    nobody = "postgres://postgres@127.0.0.1:1/postgres"
    result = Processes(tmp_path, DATABASE_URL=nobody, REDIS_URL="redis://127.0.0.1:1/0").manage("runserver", "0")
    assert result.returncode == 1
    assert result.stderr.startswith("CommandError: Cannot reach the database:")
    assert "Traceback" not in result.stderr


def test_the_banner_names_places_and_in_demo_mode_people(settings: Settings) -> None:
    settings.PUBLIC_URL = "http://127.0.0.1:8123"
    settings.DEMO = False
    assert "demo-password" not in banner("http://127.0.0.1:8123")
    settings.DEMO = True
    text = banner("http://127.0.0.1:8123")
    assert "http://127.0.0.1:8123/dev/outbox/" in text
    assert "cleo (CLIENT)" in text
    assert "PUBLIC_URL" not in text


@pytest.mark.parametrize(("broker", "said"), [("memory://localhost/", False), ("redis://127.0.0.1:6379/0", True)])
def test_the_banner_says_what_else_has_to_run(settings: Settings, broker: str, said: bool) -> None:
    settings.CELERY_BROKER_URL = broker
    text = banner("http://127.0.0.1:8123")
    assert ("celery -A Management worker" in text, "celery -A Management beat" in text) == (said, said)


def test_the_banner_says_when_links_lead_elsewhere(settings: Settings) -> None:
    settings.PUBLIC_URL = "https://tickets.example.com"
    assert "PUBLIC_URL, https://tickets.example.com" in banner("http://127.0.0.1:8123")
