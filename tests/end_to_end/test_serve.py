"""`manage.py serve`, asked to end: sockets are sent away at once, but who is uploading may finish."""

import json
import os
import signal
import socket
import sys
import time

import pytest

from core.management.demo.people import PASSWORD
from core.management.server import STOP_SECONDS
from tests.end_to_end.server import Processes
from tests.notifications.support import wait_until
from tests.stack import stack

pytestmark = [
    pytest.mark.end_to_end,
    pytest.mark.skipif(stack() != "distributed", reason="needs Redis"),
]


def test_a_slow_upload_is_not_cut_short(product: Processes) -> None:
    product.environment |= {name: os.environ[name] for name in ("REDIS_URL", "CELERY_BROKER_URL")}
    assert product.manage("load_demo").returncode == 0
    server = product.begin(sys.executable, "manage.py", "serve", "--port", str(product.port))
    wait_until(product.answers, within=20)
    body = json.dumps({"username": "ada", "password": PASSWORD}).encode()
    head = f"POST /api/auth/login/ HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: {len(body)}\r\n"
    with socket.create_connection(("127.0.0.1", product.port), timeout=10) as upload:
        upload.sendall(head.encode() + b"Content-Type: application/json\r\n\r\n" + body[:5])
        assert product.answers()  # so that has been read
        server.send_signal(signal.SIGTERM)
        time.sleep(STOP_SECONDS + 0.5)
        upload.sendall(body[5:])
        assert upload.recv(12) == b"HTTP/1.1 200"
    assert server.wait(5) == 0
