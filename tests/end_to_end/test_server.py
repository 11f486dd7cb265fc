"""What only a real server shows: header names, unknown socket paths."""

from collections.abc import Iterator

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


@pytest.fixture(scope="module")
def product(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Processes]:
    with Processes(tmp_path_factory.mktemp("product"), TRUSTED_PROXIES="1") as processes:
        processes.prepare()
        processes.serve()
        yield processes
        assert processes.stop() == [0]
        assert "Traceback" not in processes.output()


def test_a_header_with_an_underscore_is_no_forwarded_address(product: Processes) -> None:
    """Each try comes from "another address", so the throttle would never close if it were believed."""
    statuses = [
        requests.post(
            f"{product.url}/api/auth/login/",
            json={"username": "ada", "password": "wrong"},
            headers={"X_Forwarded_For": f"203.0.113.{number}"},
            timeout=5,
        ).status_code
        for number in range(30)
    ]
    assert statuses[0] == 401
    assert statuses[-1] == 429


def test_an_unknown_socket_path_is_closed_with_a_code(product: Processes) -> None:
    address = f"ws://127.0.0.1:{product.port}/ws/nothing/"
    with connect(address, proxy=None) as websocket, pytest.raises(ConnectionClosed) as closed:
        websocket.recv(timeout=5)
    assert closed.value.rcvd is not None
    assert closed.value.rcvd.code == 4404
