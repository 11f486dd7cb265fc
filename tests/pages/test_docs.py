"""The API docs: everything from us, no inline script, no cookie."""

import re

from django.test import Client

TAG = re.compile(r'<(?:script src|link rel="[a-z]+" href)="([^"]+)"')


def test_the_page_loads_only_what_we_serve(client: Client) -> None:
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
