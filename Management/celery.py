"""The Celery application: it wakes the deliveries, the database decides what is due."""

import os
from typing import Any

from celery import Celery
from celery.app.amqp import AMQP
from kombu import Connection
from kombu.transport import redis, virtual

from Management.worker_metrics import WorkerMetrics

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "Management.settings")

TRY_AGAIN_AFTER = 3  # seconds; by default up to 30, and what is due would wait for that after the broker is back


class Places(redis.QoS):
    """A message that cannot be acknowledged frees its place all the same: with none left a worker takes no more."""

    def ack(self, delivery_tag: str) -> None:
        try:
            super().ack(delivery_tag)
        except Exception:
            virtual.QoS.ack(self, delivery_tag)
            raise


class RedisChannel(redis.Channel):
    QoS = Places


class RedisTransport(redis.Transport):
    Channel = RedisChannel


class Broker(Connection):
    """Worker and beat look again for a broker that is away every few seconds, however long it has been."""

    def _ensure_connection(self, *args: Any, **kwargs: Any) -> Any:
        return super()._ensure_connection(*args, **{"interval_max": TRY_AGAIN_AFTER, **kwargs})

    def get_transport_cls(self) -> Any:
        found = super().get_transport_cls()
        return RedisTransport if found is redis.Transport else found


class Amqp(AMQP):
    Connection = Broker


app = Celery("Management", amqp=Amqp)
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
app.steps["worker"].add(WorkerMetrics)
