"""The Django project: settings, routes and the ASGI, WSGI and Celery entry points."""

from Management.celery import app as celery_app

__all__ = ["celery_app"]
