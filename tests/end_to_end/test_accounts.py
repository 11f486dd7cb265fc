"""One person's way through the product: invited, signed in, given another role, deactivated."""

import re
import time
from collections.abc import Callable
from html import unescape
from typing import Any

import pytest
import requests
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect

from tests.end_to_end.server import Processes
from tests.stack import stack

pytestmark = [
    pytest.mark.end_to_end,
    pytest.mark.skipif(stack() != "embedded", reason="runs once, with the embedded stack"),
]
PASSWORD = "a quite long phrase"


class Caller:
    """Calls the API as one person."""

    def __init__(self, product: Processes, username: str, password: str) -> None:
        self.api = f"{product.url}/api/"
        body = {"username": username, "password": password}
        self.signed_in = requests.post(f"{self.api}auth/login/", json=body, timeout=10)
        self.access = self.signed_in.json().get("access", "")

    def __call__(self, method: str, path: str, **body: Any) -> Any:
        headers = {"Authorization": f"Bearer {self.access}"}
        return requests.request(method, f"{self.api}{path}", json=body, headers=headers, timeout=10)


def link_in_outbox(product: Processes, address: str) -> str:
    """The link of the first letter to `address`; waits for it."""
    end = time.monotonic() + 20
    while time.monotonic() < end:
        messages = requests.get(f"{product.url}/dev/outbox/?format=json", timeout=10).json()["results"]
        for message in messages:
            if message["recipient"] == address:
                link: str = re.findall(r"http\S+", message["body"])[0]
                return link
        time.sleep(0.1)
    raise AssertionError(f"no letter to {address}")


def choose_password(link: str) -> str:
    """Follow the link and fill in the form, as a browser does; returns the page that comes then."""
    browser = requests.Session()
    page = browser.get(link, timeout=10).text
    fields = {name: unescape(value) for name, value in re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', page)}
    words = {"new_password": PASSWORD, "again": PASSWORD}
    return browser.post(link.partition("?")[0], data=fields | words, timeout=10).text


def closed_with(product: Processes, who: Caller, act: Callable[[], Any]) -> int:
    """The code that a socket of `who` is closed with within 5 s of what `act` does."""
    url = product.url.replace("http", "ws")
    with connect(f"{url}/ws/notifications/?token={who.access}") as socket:
        with pytest.raises(TimeoutError):
            socket.recv(0.3)
        assert act().status_code == 200
        with pytest.raises(ConnectionClosed) as closed:
            socket.recv(5)
    assert closed.value.rcvd is not None
    return closed.value.rcvd.code


def test_from_the_invitation_to_the_end(tmp_path_factory: pytest.TempPathFactory) -> None:
    with Processes(tmp_path_factory.mktemp("accounts"), EMAIL_URL="", TWILIO_ACCOUNT_SID="") as product:
        product.prepare()
        product.serve()
        ada = Caller(product, "ada", "demo-password")
        nina = ada("POST", "users/", username="nina", email="nina@example.com", role="CLIENT").json()
        path = f"users/{nina['id']}/"

        link = link_in_outbox(product, "nina@example.com")
        assert "Your password is set" in choose_password(link)
        client = Caller(product, "nina", PASSWORD)
        assert closed_with(product, client, lambda: ada("PATCH", path, role="DEVELOPER")) == 4401
        assert client("GET", "auth/me/").json()["code"] == "session_ended"

        developer = Caller(product, "nina@example.com", PASSWORD)
        assert developer.signed_in.json()["user"]["role"] == "DEVELOPER"
        assert closed_with(product, developer, lambda: ada("POST", f"{path}deactivate/")) == 4403
        assert Caller(product, "nina", PASSWORD).signed_in.status_code == 401

        token = link.partition("token=")[2]
        assert token
        assert token not in product.output()
        assert "Traceback" not in product.output()
