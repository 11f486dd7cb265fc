"""Generated tables and listings are up to date, and the tables written by hand leave nothing out."""

import re
from pathlib import Path

import pytest
from django.core.management import call_command

from core import socket_auth
from core.management import doc_tables
from core.management.doc_tables import BLOCK, DOCUMENTS, completed
from core.models import DeliveryStatus
from core.notifications import registry, twilio
from core.notifications.retry import BACKOFF, GIVE_UP_AFTER
from tests.architecture.sources import ROOT, files
from tests.docs.pages import GUIDE, read, section

REASON = re.compile(r"(?:Transient|Ambiguous|Permanent|Unknown|Misconfigured|cancelled|skipped|put_off)\(\s*\"(\w+)\"")


@pytest.mark.parametrize("name", DOCUMENTS)
def test_generated_blocks_are_up_to_date(name: str) -> None:
    page = read(ROOT / name)
    assert page == completed(page), f"run: DEMO=1 .venv/bin/python manage.py write_docs ({name})"


def test_write_docs_brings_a_page_up_to_date(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in DOCUMENTS:
        (tmp_path / name).write_text("<!-- generated: retries -->\nold\n<!-- end -->\n", encoding="utf-8")
    monkeypatch.setattr("core.management.commands.write_docs.root", lambda: tmp_path)
    call_command("write_docs", verbosity=0)
    for name in DOCUMENTS:
        assert read(tmp_path / name) == f"<!-- generated: retries -->\n{doc_tables.retries()}\n<!-- end -->\n"


def test_every_table_and_every_client_is_shown() -> None:
    shown = {found["what"] for name in DOCUMENTS for found in BLOCK.finditer(read(ROOT / name))}
    assert set(doc_tables.TABLES) <= shown
    listed = [
        path for kind in ("*/*.js", "*/use*.ts", "*/*.service.ts", "*/*.dart") for path in ROOT.glob(f"clients/{kind}")
    ]
    assert {path.relative_to(ROOT).as_posix() for path in listed} <= shown


def test_events_and_channels_of_the_registry_have_a_row() -> None:
    assert all(f"| `{key}` |" in doc_tables.events() for key in registry.events())
    assert all(f"| `{key}` |" in doc_tables.channels() for key in registry.channels())


def test_the_retry_table_is_what_the_queue_does() -> None:
    assert doc_tables.retries().count("\n") == len(BACKOFF) + 1
    said = " ".join(section(read(GUIDE), "### Reasons and codes in `error`").split())
    assert (len(BACKOFF), GIVE_UP_AFTER.total_seconds()) == (8, 24 * 3600)
    assert "at most eight times and not after 24 hours" in said


def test_every_delivery_status_is_explained() -> None:
    table = section(read(GUIDE), "### Statuses")
    assert [status for status in DeliveryStatus.values if f"| `{status}` |" not in table] == []


def test_every_reason_and_code_is_explained() -> None:
    explained = set(re.findall(r"`(\w+)`", section(read(GUIDE), "### Reasons and codes in `error`")))
    sources = "\n".join(read(path) for path in files("core/notifications"))
    reasons = set(REASON.findall(sources))
    numbers = {str(number) for number in twilio.CONFIGURATION | twilio.PASSING}
    outgoing = {registry.channels()[key].no_address for key in registry.outgoing_channels()}
    assert len(reasons) > 5
    assert (reasons | numbers | outgoing) - explained == set()


def test_every_close_code_is_explained() -> None:
    explained = set(re.findall(r"^\| (\d{4}) ", section(read(GUIDE), "### Close codes"), re.MULTILINE))
    codes = {str(value) for name, value in vars(socket_auth).items() if name.startswith("CLOSE_")}
    assert codes
    assert codes - explained == set()


def test_the_error_table_knows_every_code_of_the_product() -> None:
    explained = set(re.findall(r"`(\w+)`", section(read(GUIDE), "### Errors")))
    sources = "\n".join(read(path) for path in files("core/actions", "core/domain", "core/views"))
    codes = set(re.findall(r"\bcode(?::\s*str)?\s*=\s*\"(\w+)\"", sources)) - {"refused", "invalid"}
    assert len(codes) > 5
    assert codes - explained == set()
