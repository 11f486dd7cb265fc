"""Walking through lists by cursor."""

from typing import Any

from tests.openapi import ApiClient

BAD_CURSORS = [
    "x",
    "PjE",
    "=",
    "ü",
    "\0",
    "x" * 5_000,
    "PjEg",
    "PS0x",
    "Pjk5OTk5OTk5OTk5OTk5OTk5OTk=",
    "1",
    "-1",
    "PsK5",
]


def page(client: ApiClient, where: str) -> Any:
    response = client.get(where)
    assert response.status_code == 200, response.content
    assert response.json()["count"] is None
    return response.json()


def ids(page: Any) -> list[int]:
    return [row["id"] for row in page["results"]]


def walk(client: ApiClient, where: str, direction: str) -> list[list[int]]:
    """The ids of each page from there on, by its links."""
    pages, following = [], where
    while following:
        body = page(client, following)
        pages.append(ids(body))
        following = body[direction]
    return pages


def last_of(client: ApiClient, where: str) -> str:
    """Where the last page is."""
    while following := page(client, where)["next"]:
        where = following
    return where
