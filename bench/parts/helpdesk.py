"""The same ticket raised here and in django-helpdesk, each telling three people by mail."""

import os
import subprocess
import sys
from urllib.parse import urlsplit

from bench.client import Client, access
from bench.parts.create import TICKET
from bench.people import person, three_admins
from bench.results import FOLDER, Row
from bench.timing import paired
from bench.world import database, product, started
from core.models import Role
from tests.stack import free_port, wait_until_listening

PYTHON = FOLDER.parent / ".venv" / "bench-helpdesk" / "bin" / "python"
SERVER = ["-m", "uvicorn", "bench.helpdesk.asgi:application", "--http", "h11", "--no-access-log", "--port"]


def measure() -> list[Row]:
    with database("postgres") as server:
        server.execute("CREATE DATABASE bench_their")
    theirs = {
        "DJANGO_SETTINGS_MODULE": "bench.helpdesk.settings",
        "DATABASE_URL": os.environ["DATABASE_URL"].rpartition("/")[0] + "/bench_their",
    }
    prepared = subprocess.run(
        [PYTHON, "-m", "bench.helpdesk.prepare"], env=os.environ | theirs, stdout=subprocess.PIPE, text=True, check=True
    )
    three_admins()
    port, mail_port = free_port(), urlsplit(os.environ["EMAIL_URL"]).port or 25
    with (
        started(sys.executable, "-m", "bench.sink", str(mail_port)) as sink,
        started(str(PYTHON), *SERVER, str(port), **theirs) as helpdesk,
        product() as server,
    ):
        wait_until_listening(mail_port, sink)
        wait_until_listening(port, helpdesk)
        here = Client(server.port, access(person("cleo", Role.CLIENT, 1)))
        owner, token = prepared.stdout.split()[-2:]
        there = Client(port, token, "Token")
        ticket = {**TICKET, "queue": 1, "priority": 2, "assigned_to": int(owner)}
        reference, ours = paired(
            lambda: there.call("POST", "/api/tickets/", ticket), lambda: here.call("POST", "/api/tickets/", TICKET), 100
        )
    with database("bench_their") as their:
        told = their.execute("SELECT DISTINCT email_recipients FROM helpdesk_followup").fetchall()
    if [len(people) for (people,) in told] != [3]:
        raise RuntimeError(f"django-helpdesk told {told}.")
    what = "create a ticket, 3 people told (five times as fast: ≤ 0.2)"
    return [Row(what, "ms", ours, reference, 0.2, against="django-helpdesk")]
