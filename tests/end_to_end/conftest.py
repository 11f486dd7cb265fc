"""The product as real processes, on an empty folder."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.end_to_end.server import Processes


@pytest.fixture
def product(tmp_path: Path) -> Iterator[Processes]:
    """Migrated, not yet started; whatever still runs at the end is killed."""
    with Processes(tmp_path) as processes:
        processes.prepare()
        yield processes
