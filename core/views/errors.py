"""Errors outside the views: JSON under /api/, a plain page elsewhere."""

import sys
from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import resolve
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_safe

from core.outages import AWAY, RETRY_AFTER, Outage, log, outage

TEXTS = {
    400: ("bad_request", "The request could not be understood."),
    403: ("permission_denied", "This is not open to you."),
    404: ("not_found", "There is nothing at this address."),
    500: ("server_error", "Something went wrong on our side."),
    503: (AWAY.code, AWAY.detail),
}


def read_only(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Anything but GET and HEAD is a 405, which would be hidden behind a page about CSRF."""
    return csrf_exempt(require_safe(view))


def answer(request: HttpRequest, status: int, detail: str = "", code: str = "") -> HttpResponse:
    usual_code, usual = TEXTS[status]
    code, detail = code or usual_code, detail or usual
    if not request.path.startswith("/api/"):
        return render(request, "core/pages/error.html", {"status": status, "detail": detail}, status=status)
    # A 400 has the same shape everywhere: messages by field.
    body: dict[str, Any] = {"non_field_errors": [detail]} if status == 400 else {"detail": detail, "code": code}
    return JsonResponse(body, status=status)


@csrf_exempt  # the API has no cookies, so there is nothing to forge
def api_not_found(request: HttpRequest) -> HttpResponse:
    """What nobody else serves under /api/; most often a path without its last slash."""
    path = f"{request.path_info}/"
    if not path.endswith("//") and resolve(path).func is not api_not_found:
        return answer(request, 404, f"There is nothing at this address, but at {path} with a slash at its end.")
    return answer(request, 404)


FORM_TOO_OLD = "This form is too old, or your browser sends no cookies. Go back, reload and try again."


def csrf_failure(request: HttpRequest, **_reason: str) -> HttpResponse:
    """Of the admin's forms. Django has logged the reason."""
    return answer(request, 403, FORM_TOO_OLD)


# Django hands some of the handlers below the exception, too.


def bad_request(request: HttpRequest, *_args: Any, **_kwargs: Any) -> HttpResponse:
    return answer(request, 400)


def permission_denied(request: HttpRequest, *_args: Any, **_kwargs: Any) -> HttpResponse:
    return answer(request, 403)


def not_found(request: HttpRequest, *_args: Any, **_kwargs: Any) -> HttpResponse:
    return answer(request, 404)


def server_error(request: HttpRequest) -> HttpResponse:
    """A bug, or the database is away: Django calls this while it handles the exception, which it does not hand over."""
    error = sys.exception()
    found = outage(error)
    return unavailable(request, found, error) if found else answer(request, 500)


def unavailable(request: HttpRequest, found: Outage, error: BaseException | None) -> HttpResponse:
    log(found, error)
    response = answer(request, 503, found.detail, found.code)
    response["Retry-After"] = str(RETRY_AFTER)
    return response
