"""Every error under /api/ as JSON: 400 `{field: [messages]}`, all others `{detail, code}`."""

import math
from collections.abc import Iterator
from typing import Any

from django.core.exceptions import PermissionDenied, RequestDataTooBig
from django.http import Http404
from rest_framework import exceptions, status
from rest_framework.response import Response
from rest_framework.views import exception_handler

from core.domain.errors import (
    Conflict,
    Gone,
    Invalid,
    InvalidTransition,
    NotAllowed,
    NotVisible,
    Refused,
    SignInRefused,
    TooMany,
    VersionMismatch,
)
from core.outages import RETRY_AFTER, log, outage

STATUS_OF = {
    NotVisible: status.HTTP_404_NOT_FOUND,
    NotAllowed: status.HTTP_403_FORBIDDEN,
    Conflict: status.HTTP_409_CONFLICT,
    InvalidTransition: status.HTTP_409_CONFLICT,
    VersionMismatch: status.HTTP_412_PRECONDITION_FAILED,
    Gone: status.HTTP_410_GONE,
}


class TooLarge(exceptions.APIException):
    """The body is over DATA_UPLOAD_MAX_MEMORY_SIZE."""

    status_code = status.HTTP_413_REQUEST_ENTITY_TOO_LARGE
    default_detail = "The request body is too large."
    default_code = "too_large"


class Unavailable(exceptions.APIException):
    """The database is away or too busy."""

    status_code = status.HTTP_503_SERVICE_UNAVAILABLE
    wait = RETRY_AFTER  # DRF makes a header of it


def handle(error: Exception, context: dict[str, Any]) -> Response | None:
    """DRF's exception handler, also for what the verbs refuse."""
    if isinstance(error, Refused):
        return refusal(error)
    error = as_api_exception(error)
    response = exception_handler(error, context)
    if response is None or not isinstance(error, exceptions.APIException):
        return response
    if isinstance(error, exceptions.ParseError):
        response.data = {"non_field_errors": [str(error.detail)]}
    elif isinstance(error, exceptions.ValidationError):
        response.data = by_field(response.data)
    else:
        response.data = {"detail": str(error.detail), "code": code_of(error)}
    return response


def as_api_exception(error: Exception) -> Exception:
    """What DRF would answer otherwise or not at all; any other error as it is."""
    if isinstance(error, Http404):
        return exceptions.NotFound()
    if isinstance(error, PermissionDenied):
        return exceptions.PermissionDenied()
    if isinstance(error, RequestDataTooBig):
        return TooLarge()
    if found := outage(error):
        log(found, error)
        return Unavailable(found.detail, code=found.code)
    return error


def by_field(data: Any) -> dict[str, list[str]]:
    """`{field: [messages]}`, also of what went wrong inside a list."""
    fields = data if isinstance(data, dict) else {"non_field_errors": data}
    return {name: list(messages(value)) for name, value in fields.items()}


def messages(value: Any) -> Iterator[str]:
    """The texts of an error, flat. Input they repeat may hold what cannot be stored: lone surrogates and NUL."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from (f"{key}: {text}" for text in messages(inner))
    elif isinstance(value, list | tuple):
        for inner in value:
            yield from messages(inner)
    else:
        yield str(value).encode(errors="replace").decode().replace("\0", "\ufffd")


def code_of(error: exceptions.APIException) -> str:
    codes = error.get_codes()
    return codes if isinstance(codes, str) else error.default_code


def refusal(error: Refused) -> Response:
    """The response for what a verb refused."""
    if isinstance(error, Invalid):
        return Response({name: list(messages) for name, messages in error.fields.items()}, status=400)
    body: dict[str, Any] = {"detail": error.detail, "code": error.code}
    if isinstance(error, SignInRefused):
        return Response(body, status=401, headers={"WWW-Authenticate": 'Bearer realm="api"'})
    if isinstance(error, TooMany):
        return Response(body, status=429, headers={"Retry-After": str(math.ceil(error.wait.total_seconds()))})
    if isinstance(error, InvalidTransition):
        body |= {"status": error.status, "allowed_actions": error.allowed_actions}
    if isinstance(error, VersionMismatch):
        body["version"] = error.version
    return Response(body, status=STATUS_OF[type(error)])
