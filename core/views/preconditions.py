"""`If-Match`: only if the ticket is still as the caller read it."""

import re

from rest_framework.exceptions import ValidationError
from rest_framework.request import Request

from core.openapi import IF_MATCH

TAG = r'(?:W/)?"[!#-~]*"'
LIST = re.compile(rf"{TAG}(?:\s*,\s*{TAG})*")
VERSION = re.compile(r'(?<!W/)"([0-9]{1,18})"')  # weak ones never match


def expected_versions(request: Request) -> frozenset[int] | None:
    """The versions that `If-Match` names; None when any will do. ValidationError for what is no list of tags."""
    given = request.headers.get(IF_MATCH.name, "*").strip()
    if given == "*":
        return None
    if not LIST.fullmatch(given):
        raise ValidationError({IF_MATCH.name: ['Must be * or a list of entity tags, such as "3".']})
    return frozenset(int(version) for version in VERSION.findall(given))


def etag(version: int) -> dict[str, str]:
    """The header that says at which version a ticket is."""
    return {"ETag": f'"{version}"'}
