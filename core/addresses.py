"""Where a request comes from."""

from ipaddress import IPv6Address, ip_address

from django.conf import settings
from django.http import HttpRequest
from rest_framework.request import Request

NOWHERE = "0.0.0.0"  # noqa: S104  # not bound to: who comes over a Unix socket without a proxy's word


def client_address(request: HttpRequest | Request) -> str:
    """The caller's IP address, always a valid one.

    X-Forwarded-For is believed only as far as our own proxies wrote it, counted from its right end
    (`TRUSTED_PROXIES`): whatever a caller puts on the left is never looked at.
    """
    direct = _address(request.META.get("REMOTE_ADDR", "")) or NOWHERE
    if not settings.TRUSTED_PROXIES:
        return direct
    hops = request.META.get("HTTP_X_FORWARDED_FOR", "").split(",")
    return _address(hops[-min(settings.TRUSTED_PROXIES, len(hops))]) or direct


def _address(text: str) -> str | None:
    """The address in `text`, in one spelling; some proxies add the port."""
    text = text.strip()
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        text = text.partition(":")[0]
    try:
        ip = ip_address(text)
    except ValueError:
        return None
    if isinstance(ip, IPv6Address):
        plain = IPv6Address(int(ip))  # without a zone such as %eth0, which no database takes
        return str(plain.ipv4_mapped or plain)
    return str(ip)
