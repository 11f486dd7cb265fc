"""Small middleware."""

from collections.abc import Callable

from django.core.exceptions import DisallowedHost
from django.http import HttpRequest, HttpResponse

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
