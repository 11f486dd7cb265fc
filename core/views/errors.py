"""Errors outside the views: JSON under /api/, a plain page elsewhere."""

from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render

TEXTS = {
    400: ("bad_request", "The request could not be understood."),
    403: ("permission_denied", "This is not open to you."),
    404: ("not_found", "There is nothing at this address."),
    500: ("server_error", "Something went wrong on our side."),
}


# Django hands some of the handlers below the exception, too.


def answer(request: HttpRequest, status: int) -> HttpResponse:
    code, detail = TEXTS[status]
    if not request.path.startswith("/api/"):
        return render(request, "core/pages/error.html", {"status": status, "detail": detail}, status=status)
    # A 400 has the same shape everywhere: messages by field.
    body: dict[str, Any] = {"non_field_errors": [detail]} if status == 400 else {"detail": detail, "code": code}
    return JsonResponse(body, status=status)


def bad_request(request: HttpRequest, *_args: Any, **_kwargs: Any) -> HttpResponse:
    return answer(request, 400)


def permission_denied(request: HttpRequest, *_args: Any, **_kwargs: Any) -> HttpResponse:
    return answer(request, 403)


def not_found(request: HttpRequest, *_args: Any, **_kwargs: Any) -> HttpResponse:
    return answer(request, 404)


def server_error(request: HttpRequest) -> HttpResponse:
    return answer(request, 500)
