"""Numbers as the environment says them."""

from django.core.exceptions import ImproperlyConfigured


def number(name: str, given: str, default: int, *, most: int, what: str) -> int:
    """At least 0, at most `most`; nothing is the default."""
    if not given:
        return default
    if not (given.isascii() and given.isdecimal() and int(given) <= most):
        raise ImproperlyConfigured(f"{name} must be {what}, or empty.")
    return int(given)
