"""The schema's own touches: who may call, and the errors every operation can answer."""

from typing import Any, Literal

from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.utils import OpenApiParameter
from rest_framework import serializers

CONDITIONAL = {f"/api/notifications/{name}" for name in ("", "unread/", "unread_count/", "changes/")}
Direction = Literal["request", "response"]
VALIDATION_ERRORS = {"type": "object", "additionalProperties": {"type": "array", "items": {"type": "string"}}}

IDEMPOTENCY_KEY = OpenApiParameter(
    "Idempotency-Key",
    {"type": "string", "pattern": "^[!-~]{1,255}$"},
    OpenApiParameter.HEADER,
    description="Made up by the client. The same again: the first answer; with another body: 422.",
)
IF_MATCH = OpenApiParameter(
    "If-Match",
    {"type": "string", "pattern": r'^(\*|(W/)?"[!#-~]*"(, *(W/)?"[!#-~]*")*)$'},
    OpenApiParameter.HEADER,
    description="The ETag of the ticket as it was read. Refused with 412 when it has changed since.",
)
ETAG = OpenApiParameter(
    "ETag",
    {"type": "string", "pattern": '^"[1-9][0-9]*"$'},
    OpenApiParameter.HEADER,
    description="The ticket's version.",
    response=[200, 201],
)


class ErrorSerializer(serializers.Serializer[Any]):
    """Every error but 400: `detail` is for people, `code` for programs."""

    detail = serializers.CharField()
    code = serializers.CharField()


class ConflictSerializer(ErrorSerializer):
    """The ticket is in a status this action does not start from; or the first request with this key is under way."""

    status = serializers.CharField(required=False)
    allowed_actions = serializers.ListField(child=serializers.CharField(), required=False)


class VersionMismatchSerializer(ErrorSerializer):
    """The ticket has changed since; `version` is that of now."""

    version = serializers.IntegerField()


class Schema(AutoSchema):
    """Adds the errors: 400 `{field: [messages]}`, 409 of a wrong state, 412, all others `{detail, code}`."""

    def _get_response_bodies(self, direction: Direction = "response") -> dict[str, Any]:
        responses: dict[str, Any] = super()._get_response_bodies(direction)
        for code in self._error_codes():
            responses.setdefault(code, self._error(code, direction))
        if self.path in CONDITIONAL:
            responses.setdefault("304", {"description": "Unchanged since the given ETag."})
        return responses

    def get_override_parameters(self) -> list[Any]:
        return [IDEMPOTENCY_KEY] if self.takes_key() else []

    def takes_key(self) -> bool:
        """As core/views/idempotency.py says."""
        return self.method == "POST" and not self.path.startswith("/api/auth/")

    def _error_codes(self) -> list[str]:
        codes = ["400", "405", "406", "429", "500", "503"]
        if self.get_auth():
            codes += ["401", "403"]
        if "{" in self.path or self.method == "GET":
            codes.append("404")
        if self.method != "GET":
            codes += ["413", "415"]
        if self.path.startswith("/api/tickets/{") and self.method != "GET":
            codes.append("409")
        if IF_MATCH in self.get_override_parameters():
            codes.append("412")
        if self.takes_key():
            codes += ["409", "422"]
        return codes

    def _error(self, code: str, direction: Direction) -> dict[str, Any]:
        if code == "400":
            return {"description": "Invalid input.", "content": {"application/json": {"schema": VALIDATION_ERRORS}}}
        on_ticket = {"409": ConflictSerializer, "412": VersionMismatchSerializer}
        kind = on_ticket.get(code, ErrorSerializer) if self.path.startswith("/api/tickets/{") else ErrorSerializer
        body: dict[str, Any] = self._get_response_for_code(kind, code, direction=direction)  # type: ignore[no-untyped-call]
        return body


class BearerScheme(OpenApiAuthenticationExtension):
    target_class = "core.authentication.SessionTokenAuthentication"
    name = "bearer"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        return {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}


class UrlTokenScheme(OpenApiAuthenticationExtension):
    target_class = "core.authentication.UrlTokenAuthentication"
    name = "token"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        return {"type": "apiKey", "in": "query", "name": "token", "description": "An access token or one-time ticket."}
