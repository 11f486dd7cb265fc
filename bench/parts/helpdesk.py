"""The same ticket raised here and in django-helpdesk, each telling three people by mail."""

import os
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.parse import urlsplit

from bench.client import Client, access
from bench.parts.create import TICKET
from bench.people import person, three_admins
from bench.results import FOLDER, Row
from bench.timing import paired
from bench.world import database, product, started
from core.models import Role, User
from tests.stack import free_port, wait_until_listening

PYTHON = FOLDER.parent / ".venv" / "bench-helpdesk" / "bin" / "python"
SERVER = ["-m", "uvicorn", "bench.helpdesk.asgi:application", "--http", "h11", "--no-access-log", "--port"]
# An elliptic curve: the usual kind today, and the quickest.
CERTIFICATE = "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=localhost"
CERTIFICATE += " -addext subjectAltName=IP:127.0.0.1"


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
    owner, token = prepared.stdout.split()[-2:]
    ticket = {**TICKET, "queue": 1, "priority": 2, "assigned_to": int(owner)}
    three_admins()
    cleo = person("cleo", Role.CLIENT)

    def row(mail_server: str, mail: dict[str, str]) -> Row:
        ours, reference = compared(cleo, mail, theirs | mail, token, ticket)
        what = f"create a ticket, 3 people told, mail server {mail_server}"
        return Row(what, "ms", ours, reference, 0.2, against="django-helpdesk")

    with TemporaryDirectory(prefix="incident-bench-") as folder:
        rows = [
            row("open and in plain text", {"EMAIL_URL": os.environ["EMAIL_URL"]}),
            row("with STARTTLS and sign-in", submission(Path(folder))),
        ]
    with database("bench_their") as their:
        told = their.execute("SELECT DISTINCT email_recipients FROM helpdesk_followup").fetchall()
    if [len(people) for (people,) in told] != [3]:
        raise RuntimeError(f"django-helpdesk told {told}.")
    return rows


def submission(folder: Path) -> dict[str, str]:
    """The environment of a mail server that wants STARTTLS and a sign-in, and of those who trust its certificate."""
    pem = str(folder / "mail.pem")
    subprocess.run(
        ["openssl", *CERTIFICATE.split(), "-keyout", pem, "-out", pem], stderr=subprocess.DEVNULL, check=True
    )
    return {"EMAIL_URL": f"smtp+tls://incidents:secret@127.0.0.1:{free_port()}", "SSL_CERT_FILE": pem}


def compared(
    cleo: User, mail: dict[str, str], theirs: dict[str, str], token: str, ticket: dict[str, object]
) -> tuple[float, float]:
    port, mail_port = free_port(), urlsplit(mail["EMAIL_URL"]).port or 25
    with (
        started(sys.executable, "-m", "bench.sink", **mail) as sink,
        started(str(PYTHON), *SERVER, str(port), **theirs) as helpdesk,
        product(**mail) as server,
    ):
        wait_until_listening(mail_port, sink)
        wait_until_listening(port, helpdesk)
        here, there = Client(server.port, access(cleo)), Client(port, token, "Token")
        return paired(
            lambda: here.call("POST", "/api/tickets/", TICKET), lambda: there.call("POST", "/api/tickets/", ticket), 100
        )
