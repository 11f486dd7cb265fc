"""/api/docs/: Swagger UI, from our own files."""

from typing import Any

from drf_spectacular.utils import extend_schema
from drf_spectacular.views import SpectacularSwaggerSplitView
from rest_framework.request import Request
from rest_framework.response import Response

# Swagger UI writes styles into its elements; its scripts are files of ours.
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; connect-src 'self';"
    " base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)


class Docs(SpectacularSwaggerSplitView):
    """The page and, at `?script`, the script that starts it: so the policy needs no inline scripts."""

    @extend_schema(exclude=True)
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        response: Response = super().get(request, *args, **kwargs)  # type: ignore[no-untyped-call]
        response.data["csrf_token"] = ""  # a real one would set a cookie, and the API takes none
        response["Content-Security-Policy"] = POLICY
        return response
