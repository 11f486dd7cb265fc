"""Every route of the product with its methods, as the URL configuration has them."""

import re
from collections.abc import Iterator
from typing import Any

from django.test import RequestFactory
from django.urls import URLPattern, URLResolver, get_resolver

METHODS = ("get", "post", "put", "patch", "delete")
ELSEWHERE = ("/admin/",)  # Django's own pages; tests/admin says who may see what there


def served() -> set[str]:
    """Such as "POST /api/tickets/{pk}/assign/"."""
    return set(walk(get_resolver().url_patterns, "/"))


def walk(patterns: list[Any], prefix: str) -> Iterator[str]:
    for pattern in patterns:
        path = prefix + readable(str(pattern.pattern))
        if path.startswith(ELSEWHERE):
            continue
        if isinstance(pattern, URLResolver):
            yield from walk(pattern.url_patterns, path)
        else:
            yield from (f"{method.upper()} {path}" for method in methods(pattern))


def readable(pattern: str) -> str:
    """`^a/(?P<pk>[0-9]+)/$` and `a/<int:pk>/` as `a/{pk}/`."""
    named = re.sub(r"\(\?P<(\w+)>[^)]*\)", r"{\1}", pattern.removeprefix("^").removesuffix("$").removesuffix("\\Z"))
    return re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", named)


def methods(pattern: URLPattern) -> list[str]:
    """What a view answers: a view set's actions, a class's methods, and what a plain function does not refuse."""
    actions = getattr(pattern.callback, "actions", None)
    if actions is not None:
        return [method for method in METHODS if method in actions]
    view = getattr(pattern.callback, "cls", None) or getattr(pattern.callback, "view_class", None)
    return [method for method in METHODS if hasattr(view, method)] if view else taken_by(pattern)


def taken_by(pattern: URLPattern) -> list[str]:
    """Asked by a method that nobody has: the refusal lists those it takes."""
    arguments = dict.fromkeys(pattern.pattern.converters, "x")
    refusal = pattern.callback(RequestFactory().generic("NONE", "/"), **arguments)
    allowed = refusal.headers.get("Allow", "GET").lower()
    return [method for method in METHODS if method in allowed.split(", ")]
