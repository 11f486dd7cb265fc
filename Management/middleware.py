"""Who is answered at all, before any view: callers of our host, and in demo mode of this machine."""

from collections.abc import Callable

from django.conf import settings
from django.core.exceptions import DisallowedHost
from django.http import HttpRequest, HttpResponse
from django.utils.cache import patch_cache_control

from core.management.loopback import is_loopback
from core.views import errors

GetResponse = Callable[[HttpRequest], HttpResponse]


def own_host(get_response: GetResponse) -> GetResponse:
    """Refuse a host that is not ours here: with DEBUG, Django would answer with an HTML page under /api/, too."""

    def middleware(request: HttpRequest) -> HttpResponse:
        try:
            request.get_host()
        except DisallowedHost:
            return errors.bad_request(request)
        return get_response(request)

    return middleware


def demo_stays_here(get_response: GetResponse) -> GetResponse:
    """Everybody knows the demo's passwords. `runserver` listens on this machine only; other servers need not."""

    def middleware(request: HttpRequest) -> HttpResponse:
        if settings.DEMO and not is_loopback(request.META.get("REMOTE_ADDR", "")):
            return errors.answer(request, 403, "This is a demo with known passwords: it answers its own machine only.")
        return get_response(request)

    return middleware


def private(get_response: GetResponse) -> GetResponse:
    """What the API answers is one person's: no shared cache may keep it, and a browser asks again."""

    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        if request.path.startswith("/api/") and not response.has_header("Cache-Control"):
            patch_cache_control(response, private=True, no_cache=True)
        return response

    return middleware
