"""What a Celery worker has counted, for Prometheus, on METRICS_PORT: a worker serves no pages."""

from celery import bootsteps
from celery.worker import WorkController
from django.conf import settings
from prometheus_client import start_http_server


class WorkerMetrics(bootsteps.StartStopStep):
    """A part of each worker, beside those that Celery has."""

    def include_if(self, _worker: WorkController) -> bool:
        return bool(settings.METRICS_PORT)

    def start(self, _worker: WorkController) -> None:
        self.server, self.thread = start_http_server(settings.METRICS_PORT)

    def stop(self, _worker: WorkController) -> None:
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()
