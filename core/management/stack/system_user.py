"""Whom PostgreSQL runs as: us; but as root it does not run, so when we are root a system user made for it."""

import os
import pwd
import shutil
import subprocess
from pathlib import Path

from core.management.stack.child import NotStarted

NAME = "pgserver"
PROGRAMS = "/usr/sbin:/sbin:/usr/bin:/bin"  # where useradd may be


def system_user() -> str | None:
    """That user, made when it is missing; None when we are not root."""
    if os.geteuid() != 0:
        return None
    try:
        pwd.getpwnam(NAME)
    except KeyError:
        make()
    return NAME


def make() -> None:
    program = shutil.which("useradd", path=PROGRAMS)
    if program is None:
        raise NotStarted(
            f"PostgreSQL does not run as root, and there is no useradd here to make a user for it: "
            f"make a system user {NAME}, or do not run as root."
        )
    made = subprocess.run([program, "--system", NAME], capture_output=True, text=True, check=False)  # noqa: S603 - our own command
    if made.returncode:
        raise NotStarted(f"The user {NAME}, as whom PostgreSQL is to run, cannot be made: {made.stderr.strip()}")


def may_enter(user: str, folder: Path) -> bool:
    """Asked as that user: there is more to it than the mode."""
    command = ["test", "-x", str(folder)]
    asked = subprocess.run(command, check=False, cwd="/", user=user, group=user, extra_groups=[])  # noqa: S603 - our own command
    return asked.returncode == 0


def check_way(user: str, folder: Path) -> None:
    """The folders above are not ours to open."""
    for above in reversed(folder.absolute().parents):
        if not may_enter(user, above):
            raise NotStarted(
                f"PostgreSQL does not run as root but as {user}, who may not enter {above}: "
                "set DATA_DIR (or TMPDIR) elsewhere, or do not run as root."
            )


def within_reach(user: str | None, programs: Path, run: Path) -> Path:
    """These programs; or a copy in `run`, when they lie where that user may not go, such as in root's home.

    Their libraries lie beside their package, and are found from where they are.
    """
    if user is None or may_enter(user, programs):
        return programs
    package = programs.parent
    shutil.copytree(package.with_suffix(".libs"), run / f"{package.name}.libs")
    copy: Path = shutil.copytree(programs, run / package.name / programs.name)
    return copy
