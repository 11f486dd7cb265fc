"""Probes: `/healthz` asks the process, `/readyz` what it stands on. Each answer is bounded in time."""

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor, wait

import structlog
from django.conf import settings
from django.db import connection
from django.http import HttpRequest, JsonResponse
from django.views.decorators.cache import never_cache
from kombu import Connection
from redis import Redis

from core.notifications import heartbeat
from core.views.errors import read_only

SECONDS = 2
logger = structlog.get_logger(__name__)
# Threads of their own: a check that hangs must not hang the answer. All taken means that nothing answers.
_threads = ThreadPoolExecutor(max_workers=8, thread_name_prefix="readyz")


class Late(Exception):
    """No round of the auditor for too long: no worker, no beat, or something that it does fails."""


@read_only
@never_cache
def healthz(_request: HttpRequest) -> JsonResponse:
    """The process answers; nothing else is asked, or an outage elsewhere would restart every process."""
    return JsonResponse({"status": "ok"})


@read_only
@never_cache
def readyz(_request: HttpRequest) -> JsonResponse:
    """503 without the database; without channel layer, broker or auditor everything still works, only later."""
    checks = run(
        {
            "database": check_database,
            "channel_layer": check_channel_layer,
            "broker": check_broker,
            "auditor": check_auditor,
        }
    )
    if checks["database"] != "ok":
        return JsonResponse({"detail": "The database does not answer.", "code": "database_unavailable"}, status=503)
    status = "ok" if set(checks.values()) == {"ok"} else "degraded"
    return JsonResponse({"status": status, "checks": checks})


def run(checks: dict[str, Callable[[], None]]) -> dict[str, str]:
    """Run all checks at once; whatever failed or took too long is `unavailable`."""
    futures = {name: _threads.submit(check) for name, check in checks.items()}
    wait(futures.values(), timeout=SECONDS)
    return {name: outcome(name, future) for name, future in futures.items()}


def outcome(name: str, future: Future[None]) -> str:
    if not future.done():
        future.cancel()
        logger.warning("check_timed_out", check=name)
        return "unavailable"
    if error := future.exception():
        logger.warning("check_failed", check=name, error=type(error).__name__)
        return "unavailable"
    return "ok"


def check_database() -> None:
    """On a connection of its own, so that it also sees whether a new one can be had."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    finally:
        connection.close()


def check_channel_layer() -> None:
    if settings.REDIS_URL:
        with Redis.from_url(settings.REDIS_URL, socket_timeout=SECONDS, socket_connect_timeout=SECONDS) as redis:
            redis.ping()


def check_broker() -> None:
    url, options = settings.CELERY_BROKER_URL, settings.CELERY_BROKER_TRANSPORT_OPTIONS
    if not url.startswith("memory"):
        with Connection(url, connect_timeout=SECONDS, transport_options=options) as broker:
            broker.ensure_connection(max_retries=1, interval_start=0, timeout=SECONDS)


def check_auditor() -> None:
    try:
        if heartbeat.is_late():
            raise Late
    finally:
        connection.close()
