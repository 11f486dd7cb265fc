"""Pages: 20 rows, `page` and `page_size` up to 100."""

import re
from typing import Any

from rest_framework.exceptions import ValidationError
from rest_framework.pagination import PageNumberPagination
from rest_framework.request import Request
from rest_framework.response import Response

from core.notifications import feed as feeds

PAGE_PARAMETERS = {"page", "page_size"}


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

    def get_paginated_response_schema(self, schema: dict[str, Any]) -> dict[str, Any]:
        """As OpenAPI 3.1 says null, which DRF does not yet."""
        page = super().get_paginated_response_schema(schema)
        page["properties"] |= {name: {"type": ["string", "null"], "format": "uri"} for name in ("next", "previous")}
        page["required"] = ["count", "next", "previous", "results"]
        return page


class InboxPages(Pages):
    """Pages of an inbox also say how many are unread and at which position they were read."""

    def get_paginated_response(self, data: Any) -> Response:
        response = super().get_paginated_response(data)
        feed = self.request.parser_context["view"].feed  # type: ignore[union-attr]
        results = response.data.pop("results")
        response.data |= {"unread_count": feeds.unread_count(feed), "seq": feed.top_seq, "results": results}
        return response

    def get_paginated_response_schema(self, schema: dict[str, Any]) -> dict[str, Any]:
        page = super().get_paginated_response_schema(schema)
        number = {"type": "integer", "minimum": 0}
        page["properties"] |= {"unread_count": number, "seq": number}
        page["required"] = [*page["required"], "unread_count", "seq"]
        return page
