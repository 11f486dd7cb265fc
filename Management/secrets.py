"""Secrets of a laptop installation, made once and kept beside its data."""

import json
import os
import secrets
from contextlib import suppress
from pathlib import Path


def load_or_make(path: Path, names: tuple[str, ...]) -> dict[str, str]:
    """Return the secrets called `names`, creating the file (mode 0600) on first use.

    The link decides between two processes that start at once: the loser reads the winner's file.
    """
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        draft = path.with_name(f"{path.name}.{os.getpid()}")
        draft.touch(mode=0o600)
        draft.write_text(json.dumps({name: secrets.token_urlsafe(48) for name in names}), encoding="utf-8")
        with suppress(FileExistsError):
            os.link(draft, path)
        draft.unlink()
    kept: dict[str, str] = json.loads(path.read_text(encoding="utf-8"))
    return kept
