"""The provider that takes our mails over its own API and reports bounces, by its name at django-anymail."""

import json
from importlib.util import find_spec
from typing import Any

from django.core.exceptions import ImproperlyConfigured

SECONDS = 10  # to connect, and again to be answered


def anymail(esp: str, options: str) -> dict[str, Any]:
    """Its options, from JSON; ImproperlyConfigured when it is unknown, or anybody could report in its name."""
    if not esp:
        return {}
    if not esp.isidentifier() or find_spec(f"anymail.webhooks.{esp}") is None:
        raise ImproperlyConfigured(f"EMAIL_ESP: django-anymail knows no provider {esp!r}.")
    given: dict[str, Any] = {"REQUESTS_TIMEOUT": SECONDS, **json.loads(options or "{}")}
    secrets = given.get("WEBHOOK_SECRET") or [""]
    for secret in [secrets] if isinstance(secrets, str) else secrets:
        if ":" not in secret or len(secret) < 32:
            raise ImproperlyConfigured("ANYMAIL needs a WEBHOOK_SECRET, name:password, of at least 32 characters.")
    return given
