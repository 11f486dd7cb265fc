"""An API client which checks every answer, and every request that was accepted, against the OpenAPI schema."""

import json
import re
from functools import cache
from typing import Any

from django.http import HttpResponseBase
from drf_spectacular.generators import SchemaGenerator
from jsonschema import Draft202012Validator, FormatChecker
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT202012
from rest_framework.test import APIClient, ForceAuthClientHandler

UNDOCUMENTED = ("/api/schema/", "/api/docs/")
DOCUMENT = "urn:openapi"
answers = FormatChecker()


@answers.checks("date-time")  # type: ignore[untyped-decorator]
def is_utc(value: object) -> bool:
    """The contract: times are UTC, ISO 8601, and end in Z."""
    return not isinstance(value, str) or bool(re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z", value))


@cache
def document() -> dict[str, Any]:
    """The schema. Objects in answers are closed, so that an undocumented field is an error."""
    schema: dict[str, Any] = SchemaGenerator().get_schema(request=None, public=True)
    for name, component in schema.get("components", {}).get("schemas", {}).items():
        if "properties" in component and not name.endswith("Request"):
            component.setdefault("additionalProperties", False)
    return schema


@cache
def routes() -> list[tuple[re.Pattern[str], str]]:
    """Every documented path as a pattern; those with fewer parameters are tried first."""
    paths = sorted(document()["paths"], key=lambda path: path.count("{"))
    return [(re.compile(re.sub(r"\\{\w+\\}", "[^/]+", re.escape(path))), path) for path in paths]


@cache
def handler() -> ForceAuthClientHandler:
    """Loads the middleware once, as a server does: WhiteNoise looks for all static files then."""
    return ForceAuthClientHandler(enforce_csrf_checks=False)


class PlainClient(APIClient):
    """Checks nothing."""

    def __init__(self) -> None:
        super().__init__()
        self.handler = handler()


class ApiClient(PlainClient):
    """Raises AssertionError in the test when the schema does not say what happened."""

    def generic(  # type: ignore[override]  # the stubs disagree among themselves
        self, method: str, path: str, data: Any = "", content_type: str = "application/octet-stream", **extra: Any
    ) -> Any:
        response: Any = super().generic(method, path, data, content_type, **extra)
        if response.streaming:  # read to its end, the file behind it is closed
            response.streaming_content = [b"".join(response.streaming_content)]
        if path.startswith("/api/") and not path.startswith(UNDOCUMENTED) and method != "OPTIONS":
            check(method, path.partition("?")[0], data, content_type, response)
        return response


def check(method: str, path: str, data: Any, content_type: str | None, response: HttpResponseBase) -> None:
    """Fail unless path, method, status, answer and accepted request are as documented."""
    what = f"{method} {path} → {response.status_code}"
    where = documented_operation(method, path)
    if where is None:
        # Whoever may not come in learns nothing about what is there.
        assert response.status_code in {401, 403, 404, 405}, f"{what}: not in the schema"
        return
    operation = lookup(where)
    known = sorted(operation["responses"])
    assert str(response.status_code) in known, f"{what}: the schema knows {known}"
    check_answer(what, [*where, "responses", str(response.status_code)], response)
    if response.status_code < 300 and (content_type or "").startswith("application/json") and data:
        assert "requestBody" in operation, f"{what}: the schema knows no request body"
        validate(f"{what}, request", json.loads(data), [*where, "requestBody", "content", "application/json", "schema"])


def documented_operation(method: str, path: str) -> list[str] | None:
    """Where the schema describes this call, or None. HEAD is GET without the body."""
    verb = method.replace("HEAD", "GET").lower()
    template = next((template for pattern, template in routes() if pattern.fullmatch(path)), None)
    return [template, verb] if template and verb in document()["paths"][template] else None


def check_answer(what: str, where: list[str], response: Any) -> None:
    """Compare an answer's body, if it has one, with what is documented at `where`."""
    body = b"" if response.streaming else response.content
    documented = lookup(where).get("content", {})
    if not body:
        assert not documented or response.streaming or what.startswith("HEAD"), f"{what}: a body is documented"
        return
    kind = response.headers["Content-Type"].partition(";")[0]
    assert kind in documented, f"{what}: {kind} is not documented, only {sorted(documented)}"
    if kind == "application/json":
        validate(what, json.loads(body), [*where, "content", kind, "schema"], formats=answers)


def lookup(where: list[str]) -> dict[str, Any]:
    node = document()["paths"]
    for name in where:
        node = node[name]
    return dict(node)


def validate(what: str, value: Any, where: list[str], *, formats: FormatChecker | None = None) -> None:
    """Fail, naming every wrong place, unless `value` fits the schema at `where`."""
    pointer = "/".join(name.replace("~", "~0").replace("/", "~1") for name in ["paths", *where])
    resource = Resource.from_contents(document(), default_specification=DRAFT202012)
    registry: Registry[Any] = Registry().with_resource(DOCUMENT, resource)
    validator = Draft202012Validator(
        {"$ref": f"{DOCUMENT}#/{pointer.replace('{', '%7B').replace('}', '%7D')}"},
        registry=registry,
        format_checker=formats,
    )
    errors = [f"{error.json_path}: {error.message}" for error in validator.iter_errors(value)]
    assert not errors, f"{what} does not fit the schema:\n  " + "\n  ".join(errors)
