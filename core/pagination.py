"""Pages of 20 rows, `page_size` up to 100: by number (`page`), or by `cursor` in lists that are ordered by id.

Pages by number are counted and shift when rows come in; those by cursor are neither.
"""

import base64
import binascii
import re
from collections.abc import Callable
from functools import cached_property, partial
from typing import Any, NamedTuple

from django.core.paginator import Paginator
from django.db.models import Model, QuerySet
from rest_framework.exceptions import ValidationError
from rest_framework.pagination import PageNumberPagination
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.utils.urls import replace_query_param

from core.notifications import feed as feeds
from core.serializers.strict import MAX_ID

PAGE_PARAMETERS = {"page", "page_size", "cursor"}
CURSOR = {
    "name": "cursor",
    "in": "query",
    "required": False,
    "description": "Instead of `page`, when ordered by id: empty to start, then as `next` and `previous` have it. "
    "Nothing is counted.",
    "schema": {"type": "string"},
}


class Cursor(NamedTuple):
    """A page begins after the row with the id `place` or, going back, ends before it."""

    back: bool
    place: int

    @classmethod
    def read(cls, given: str) -> "Cursor":
        try:
            found = re.fullmatch(b"([<>])([0-9]{1,19})", base64.b64decode(given, altchars=b"-_", validate=True))
        except (binascii.Error, ValueError):  # the second where it is not ASCII
            found = None
        if found is None or int(found[2]) > MAX_ID:
            raise ValidationError({"cursor": ["Invalid cursor."]})
        return cls(found[1] == b"<", int(found[2]))

    def __str__(self) -> str:
        place = min(max(self.place, 0), MAX_ID)
        return base64.urlsafe_b64encode(f"{'<' if self.back else '>'}{place}".encode()).decode()


class Pages(PageNumberPagination):
    page_size = 20
    page_size_query_param = "page_size"
    max_page_size = 100

    def get_page_size(self, request: Request) -> int | None:
        """A size above the limit is cut to it; what is not a positive number is refused."""
        given = request.query_params.get("page_size")
        if given is not None and not re.fullmatch("[1-9][0-9]{0,8}", given):
            raise ValidationError({"page_size": ["Enter a whole number from 1 to 100."]})
        return super().get_page_size(request)

    def paginate_queryset(self, queryset: Any, request: Request, view: Any = None) -> list[Any] | None:
        page, given = (request.query_params.get(name) for name in ("page", "cursor"))
        if page is not None and not re.fullmatch("0*[1-9][0-9]*", page):
            raise ValidationError({"page": ["Enter a whole number from 1."]})
        self.cursors: tuple[Cursor | None, Cursor | None] | None = None  # of the next and the previous page
        if given is None:
            return super().paginate_queryset(queryset, request, view)
        if page is not None:
            raise ValidationError({"cursor": ["Give page or cursor, not both."]})
        self.request, self.here = request, request.build_absolute_uri()
        return self.turn(queryset, Cursor.read(given) if given else None, self.get_page_size(request) or self.page_size)

    def turn(self, rows: QuerySet[Any], cursor: Cursor | None, size: int) -> list[Any]:
        """The page at the cursor; one row more is read to see whether there is another."""
        rising, back = is_rising(rows), bool(cursor and cursor.back)
        upward = rising != back
        ordered = rows.order_by("pk" if upward else "-pk")
        if cursor:
            ordered = ordered.filter(**{"pk__gt" if upward else "pk__lt": cursor.place})
        found: list[Model] = list(ordered[: size + 1])
        more, found = len(found) > size, found[:size]
        if back:
            found.reverse()
        # Behind an empty page lies the row of the cursor itself.
        beside = cursor.place + (1 if upward else -1) if cursor else 0
        first, last = (found[0].pk, found[-1].pk) if found else (beside, beside)
        self.cursors = (
            Cursor(back=False, place=last) if back or more else None,
            Cursor(back=True, place=first) if (more if back else cursor) else None,
        )
        return found

    def get_paginated_response(self, data: Any) -> Response:
        if self.cursors is None:
            return super().get_paginated_response(data)
        following, previous = (cursor and self.link(cursor) for cursor in self.cursors)
        return Response({"count": None, "next": following, "previous": previous, "results": data})

    def link(self, cursor: Cursor) -> str:
        return replace_query_param(self.here, "cursor", str(cursor))

    def get_schema_operation_parameters(self, view: Any) -> list[dict[str, Any]]:
        return [*super().get_schema_operation_parameters(view), CURSOR]

    def get_paginated_response_schema(self, schema: dict[str, Any]) -> dict[str, Any]:
        """As OpenAPI 3.1 says null, which DRF does not yet."""
        page = super().get_paginated_response_schema(schema)
        page["properties"] |= {name: {"type": ["string", "null"], "format": "uri"} for name in ("next", "previous")}
        page["properties"]["count"] = {"type": ["integer", "null"], "minimum": 0}
        page["required"] = ["count", "next", "previous", "results"]
        return page


def is_rising(rows: QuerySet[Any]) -> bool:
    """Whether the oldest come first; refuses lists that are not ordered by id."""
    order = rows.query.order_by or rows.model._meta.ordering
    if not order or order[0] not in ("id", "-id"):
        raise ValidationError({"cursor": ["Only a list ordered by id has cursors: ask for ordering=-id, or use page."]})
    return bool(order[0] == "id")


class NumberedPages(Pages):
    """Pages of a list that is never ordered by id: no cursor is offered."""

    get_schema_operation_parameters = PageNumberPagination.get_schema_operation_parameters


class Known(Paginator[Any]):
    """Pages of rows whose number need not be counted."""

    def __init__(self, rows: QuerySet[Any], size: int, *, count: Callable[[], int]) -> None:
        super().__init__(rows, size)
        self._known = count

    @cached_property
    def count(self) -> int:
        return self._known()


class InboxPages(Pages):
    """Pages of an inbox also say how many are unread and at which position they were read."""

    def paginate_queryset(self, queryset: Any, request: Request, view: Any = None) -> list[Any] | None:
        if view.count:
            self.django_paginator_class = partial(Known, count=view.count)  # type: ignore[assignment]
        return super().paginate_queryset(queryset, request, view)

    def get_paginated_response(self, data: Any) -> Response:
        response = super().get_paginated_response(data)
        feed = self.request.parser_context["view"].feed  # type: ignore[union-attr]
        results = response.data.pop("results")
        position = {"unread_count": feeds.unread_count(feed), "seq": feed.top_seq, "epoch": feed.epoch}
        response.data |= position | {"results": results}
        return response

    def get_paginated_response_schema(self, schema: dict[str, Any]) -> dict[str, Any]:
        page = super().get_paginated_response_schema(schema)
        number = {"type": "integer", "minimum": 0}
        page["properties"] |= {"unread_count": number, "seq": number, "epoch": {"type": "string"}}
        page["required"] = [*page["required"], "unread_count", "seq", "epoch"]
        return page
