"""The Celery application: it wakes the deliveries, the database decides what is due."""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "Management.settings")

app = Celery("Management")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
