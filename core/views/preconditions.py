"""`If-Match`: only if the ticket is still as the caller read it."""

import re
from typing import Any

from drf_spectacular.utils import OpenApiParameter
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request

HEADER = "If-Match"
TAG = r'(?:W/)?"[!#-~]*"'
LIST = re.compile(rf"{TAG}(?:\s*,\s*{TAG})*")
VERSION = re.compile(r'(?<!W/)"([0-9]{1,18})"')  # weak ones never match

IF_MATCH = OpenApiParameter(
    HEADER,
    {"type": "string", "pattern": r'^(\*|(W/)?"[!#-~]*"(, *(W/)?"[!#-~]*")*)$'},
    OpenApiParameter.HEADER,
    description="The version that was read, as in its ETag. Refused with 412 when the ticket has changed since.",
)


def expected_versions(request: Request) -> frozenset[int] | None:
    """The versions that `If-Match` names; None when any will do. ValidationError for what is no list of tags."""
    given = request.headers.get(HEADER, "*").strip()
    if given == "*":
        return None
    if not LIST.fullmatch(given):
        raise ValidationError({HEADER: ['Must be * or a list of entity tags, such as "3".']})
    return frozenset(int(version) for version in VERSION.findall(given))


def etag(version: int) -> dict[str, Any]:
    """The header that says at which version a ticket is."""
    return {"ETag": f'"{version}"'}
