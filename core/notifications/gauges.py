"""What is so just now, for Prometheus: read from the database by whoever is asked, so that any process can say it."""

import threading
import time
from collections.abc import Iterable
from datetime import datetime

import structlog
from django.db import Error
from django.db.models import Count
from django.utils import timezone
from prometheus_client import CollectorRegistry, Metric, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from core.models import ChannelCircuit, JobRun
from core.notifications import backlog, heartbeat, registry

FRESH = 5.0  # seconds for which one reading does, however many ask

logger = structlog.get_logger(__name__)


class Gauges(Collector):
    """The queue and the circuit of each channel, the unfinished jobs, and the auditor's last round. All by index."""

    def collect(self) -> Iterable[Metric]:
        now, channels = timezone.now(), registry.outgoing_channels()
        yield from queues(channels)
        yield circuits(channels, now)
        yield jobs()
        yield from auditor(now)


def queues(channels: Iterable[str]) -> Iterable[Metric]:
    due = GaugeMetricFamily(
        "deliveries_due", f"Deliveries that are due, counted up to {backlog.AT_MOST}.", labels=["channel"]
    )
    age = GaugeMetricFamily(
        "deliveries_due_age_seconds", "For how long the first of them has been due.", labels=["channel"]
    )
    for key in channels:
        due.add_metric([key], backlog.due(key))
        age.add_metric([key], backlog.age(key).total_seconds())
    return due, age


def circuits(channels: Iterable[str], now: datetime) -> Metric:
    states = GaugeMetricFamily(
        "channel_circuit",
        "1 for the state that a channel's circuit is in: closed, open (it rests) or half_open (it is probed).",
        labels=["channel", "state"],
    )
    until = dict(ChannelCircuit.objects.values_list("channel", "open_until"))
    for key in channels:
        its = "closed" if key not in until else "open" if until[key] > now else "half_open"
        for state in ("closed", "open", "half_open"):
            states.add_metric([key, state], float(state == its))
    return states


def jobs() -> Metric:
    unfinished = GaugeMetricFamily("jobs_unfinished", "Jobs that wait or run.", labels=["name", "status"])
    found = JobRun.objects.filter(status__in=[JobRun.Status.PENDING, JobRun.Status.RUNNING]).order_by()
    for name, status, count in found.values_list("name", "status").annotate(Count("pk")):
        unfinished.add_metric([name, status], count)
    return unfinished


def auditor(now: datetime) -> Iterable[Metric]:
    """Nothing until its first round."""
    if found := heartbeat.last():
        age = (now - found.beat_at).total_seconds()
        yield GaugeMetricFamily("auditor_heartbeat_age_seconds", "Since the auditor's last good round.", value=age)
        yield GaugeMetricFamily("auditor_seconds", "How long that round took.", value=found.took_ms / 1_000)


class Page:
    """The gauges as text; empty while the database is away: what is only counted can be had all the same."""

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        self._registry.register(Gauges())
        self._lock = threading.Lock()
        self._text, self._read_at = b"", float("-inf")

    def text(self) -> bytes:
        with self._lock:
            if time.monotonic() > self._read_at + FRESH:
                self._text, self._read_at = self._read(), time.monotonic()
            return self._text

    def _read(self) -> bytes:
        try:
            return generate_latest(self._registry)
        except Error as error:
            logger.warning("gauges_not_read", error=type(error).__name__)
            return b""


page = Page()
