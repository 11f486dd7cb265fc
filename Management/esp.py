"""The provider that takes our mails over its own API and reports bounces, by its name at django-anymail."""

import json
from typing import Any

from django.core.exceptions import ImproperlyConfigured

from core.domain.bounces import FOR_GOOD

OWN_KEYS = {"mailgun": ["MAILGUN_WEBHOOK_SIGNING_KEY"], "mandrill": ["MANDRILL_WEBHOOK_KEY"]}
SECONDS = 10  # to connect, and again to be answered


def anymail(esp: str, options: str) -> dict[str, Any]:
    """Its options, from JSON; ImproperlyConfigured when it is unknown, or anybody could report in its name."""
    if not esp:
        return {}
    if esp not in FOR_GOOD:
        raise ImproperlyConfigured(f"EMAIL_ESP: {esp!r} is none of {', '.join(FOR_GOOD)}.")
    given: dict[str, Any] = {"REQUESTS_TIMEOUT": SECONDS, **json.loads(options or "{}")}
    secrets = given.get("WEBHOOK_SECRET") or [""]
    for secret in [secrets] if isinstance(secrets, str) else secrets:
        if ":" not in secret or len(secret) < 32:
            raise ImproperlyConfigured("ANYMAIL needs a WEBHOOK_SECRET, name:password, of at least 32 characters.")
    if missing := [key for key in OWN_KEYS.get(esp, []) if not given.get(key)]:
        raise ImproperlyConfigured(f"ANYMAIL needs {missing[0]}: without it no report of {esp} can be checked.")
    return given
