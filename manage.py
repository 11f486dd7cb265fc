#!/usr/bin/env python
"""Command line of the product. On a laptop with nothing configured it runs the demo."""

import os
import sys
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured
from django.core.management import execute_from_command_line

CONFIGURED_BY = ("DEMO", "DEBUG", "SECRET_KEY", "DATABASE_URL")
ENV_FILE = Path(__file__).resolve().parent / ".env"


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "Management.settings")
    # Only this door defaults to demo mode; a real server (asgi, wsgi, celery) never does.
    if not ENV_FILE.exists() and not any(os.environ.get(name) for name in CONFIGURED_BY):
        os.environ["DEMO"] = "1"
    try:
        execute_from_command_line(sys.argv)
    except ImproperlyConfigured as error:
        sys.exit(f"Not started: {error}")


if __name__ == "__main__":
    main()
