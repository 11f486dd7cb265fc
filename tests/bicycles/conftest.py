"""What is here runs where the application is installed: tests/notifications/test_other_applications.py sees to it."""

from collections.abc import Iterator

import pytest
from django.conf import settings

from tests.sockets.live import Server, serving

collect_ignore = [] if "tests.bicycles" in settings.EXTRA_APPS else ["test_bicycles.py"]


@pytest.fixture
def server(transactional_db: None) -> Iterator[Server]:
    with serving() as running:
        yield running
