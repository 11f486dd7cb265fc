"""The API docs: everything from us, no inline script, no cookie."""

import json
import re

from django.test import Client

TAG = re.compile(r'<(?:script src|link rel="[a-z]+" href)="([^"]+)"')


def test_the_page_loads_only_what_we_serve(client: Client, db: None) -> None:
    response = client.get("/api/docs/")
    assert response.status_code == 200
    assert "script-src 'self';" in response["Content-Security-Policy"]
    page = response.content.decode()
    assert "<script>" not in page
    addresses = [address.replace("&amp;", "&") for address in TAG.findall(page)]
    assert len(addresses) == 5
    for address in addresses:
        assert address.startswith("/")
        found = client.get(address)
        assert found.status_code == 200
        found.close()


def test_its_script_asks_for_our_schema(client: Client) -> None:
    response = client.get("/api/docs/?script=")
    assert response["Content-Type"] == "application/javascript"
    assert r"/api/schema/" in response.content.decode().replace("\\u002D", "-")


def test_nobody_gets_a_cookie(client: Client) -> None:
    client.get("/api/docs/")
    client.get("/api/docs/?script=")
    assert not client.cookies


def test_what_it_says_is_for_people_who_call_it(client: Client) -> None:
    schema = client.get("/api/schema/?format=json").json()
    said = [one["description"] for one in schema["components"]["schemas"].values() if "description" in one]
    said += [operation["description"] for path in schema["paths"].values() for operation in path.values()]
    assert len(said) > 80
    inside = re.compile(r"\(\)|Serializer|context|with_people|DRF|schema|actions\.")
    assert [text for text in said if inside.search(text)] == []


def test_cursors_are_offered_where_lists_can_be_ordered_by_id(client: Client) -> None:
    paths = client.get("/api/schema/?format=json").json()["paths"]
    lists = {path for path in paths if '"cursor"' in json.dumps(paths[path].get("get"))}
    assert {"/api/tickets/", "/api/users/", "/api/notifications/"} <= lists
    assert "/api/tickets/developers/" not in lists
