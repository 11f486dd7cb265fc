"""WSGI entry point: the REST API, pages and admin."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "Management.settings")

application = get_wsgi_application()
