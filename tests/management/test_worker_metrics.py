"""What a worker has counted is served on a port of its own, unless somebody else has that port."""

import socket
from typing import Any

from pytest_django import Settings

from Management.worker_metrics import WorkerMetrics
from tests.stack import free_port

NO_WORKER: Any = None  # it is not asked for anything


def test_a_second_worker_on_a_machine_works_without(settings: Settings) -> None:
    settings.METRICS_PORT = free_port()
    step = WorkerMetrics(NO_WORKER)
    with socket.create_server(("0.0.0.0", settings.METRICS_PORT)):
        step.start(NO_WORKER)
        step.stop(NO_WORKER)
    assert step.serving is None
    step.start(NO_WORKER)
    with socket.create_connection(("127.0.0.1", settings.METRICS_PORT), 5):
        step.stop(NO_WORKER)
