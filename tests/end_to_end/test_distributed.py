"""The same story on PostgreSQL and Redis, with worker and beat in processes of their own."""

import os
import signal
import sys
from pathlib import Path

import pytest

from tests.end_to_end.server import Processes
from tests.fakes.smtp import FakeSmtp
from tests.fakes.twilio import FakeTwilio
from tests.stack import stack

pytestmark = [
    pytest.mark.end_to_end,
    pytest.mark.timeout(150),
    pytest.mark.skipif(stack() != "distributed", reason="needs PostgreSQL and Redis"),
]
CELERY = (sys.executable, "-m", "celery", "-A", "Management")


def test_the_story_is_told_by_server_worker_and_beat(tmp_path: Path, mailbox: FakeSmtp, whatsapp: FakeTwilio) -> None:
    names = ("DATABASE_URL", "REDIS_URL", "CELERY_BROKER_URL")
    with Processes(tmp_path, **{name: os.environ[name] for name in names}) as product:
        product.prepare()
        product.serve()
        product.begin(*CELERY, "worker", "--loglevel", "WARNING", "--concurrency", "4")
        product.begin(*CELERY, "beat", "--loglevel", "WARNING", "--scheduler", "celery.beat:Scheduler")
        story = product.play_story()
        assert story.returncode == 0, story.stdout + product.output()
        assert len(mailbox.take_all(count=18)) == 18
        assert len(whatsapp.take_all(count=18)) == 18
        assert product.stop(signal.SIGTERM) == [0, 0, 0]
        assert "Traceback" not in product.output()
