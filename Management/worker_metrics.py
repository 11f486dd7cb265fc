"""What a Celery worker has counted, for Prometheus, on METRICS_PORT: a worker serves no pages."""

from threading import Thread
from wsgiref.simple_server import WSGIServer

import structlog
from celery import bootsteps
from celery.worker import WorkController
from django.conf import settings
from prometheus_client import start_http_server

logger = structlog.get_logger(__name__)


class WorkerMetrics(bootsteps.StartStopStep):
    """A part of each worker, beside those that Celery has."""

    serving: tuple[WSGIServer, Thread] | None = None

    def include_if(self, _worker: WorkController) -> bool:
        return bool(settings.METRICS_PORT)

    def start(self, _worker: WorkController) -> None:
        """Delivering is more important: with the port taken, as by a second worker, it goes on without."""
        try:
            self.serving = start_http_server(settings.METRICS_PORT)
        except OSError as error:
            logger.warning("metrics_not_served", port=settings.METRICS_PORT, error=type(error).__name__)

    def stop(self, _worker: WorkController) -> None:
        if self.serving:
            server, thread = self.serving
            server.shutdown()
            server.server_close()
            thread.join()
