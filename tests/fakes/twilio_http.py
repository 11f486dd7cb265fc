"""The HTTP side of the fake Twilio: credentials, forms, errors and pages."""

import base64
import json
import socket
import sys
import time
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from tests.fakes.twilio_messages import ApiError, Fault, as_json, check_addresses, check_window, text_of

if TYPE_CHECKING:
    from tests.fakes.twilio import FakeTwilio


class Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False

    def __init__(self, twilio: "FakeTwilio") -> None:
        self.twilio = twilio
        self.connections: set[socket.socket] = set()
        super().__init__(("127.0.0.1", twilio.port), Handler)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Whoever hangs up may have been killed."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)

    def server_close(self) -> None:
        super().server_close()
        for connection in list(self.connections):
            hang_up(connection)


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True  # head and body of an answer leave one by one
    server: Server

    def setup(self) -> None:
        super().setup()
        self.server.connections.add(self.connection)

    def finish(self) -> None:
        self.server.connections.discard(self.connection)
        super().finish()

    def do_POST(self) -> None:
        length = int(self.headers.get("Content-Length", 0))
        self.serve("POST", parsed(self.rfile.read(length).decode()))

    def do_GET(self) -> None:
        self.serve("GET", parsed(urlsplit(self.path).query))

    def serve(self, method: str, parameters: dict[str, str]) -> None:
        """Answer one request, as told or as Twilio would."""
        twilio = self.server.twilio
        twilio.requests.append((method, parameters))
        fault = twilio.next_fault(method)
        try:
            self.check(twilio)
            if fault is not None:
                return self.misbehave(twilio, fault, parameters)
            answer = self.create(twilio, parameters) if method == "POST" else self.list(twilio, parameters)
        except ApiError as error:
            return self.refuse(error)
        return self.answer(201 if method == "POST" else 200, answer)

    def check(self, twilio: "FakeTwilio") -> None:
        """Refuse wrong credentials and every other address of the API."""
        expected = base64.b64encode(f"{twilio.account}:{twilio.token}".encode()).decode()
        if self.headers.get("Authorization") != f"Basic {expected}":
            raise ApiError(401, 20003, "Authentication Error - invalid username")
        if urlsplit(self.path).path != messages_path(twilio):
            raise ApiError(404, 20404, f"The requested resource {self.path} was not found")

    def misbehave(self, twilio: "FakeTwilio", fault: Fault, form: dict[str, str]) -> None:
        if fault.accepted:
            self.create(twilio, form)
        if fault.text:
            return self.answer(fault.status, fault.text)
        if fault.status:
            return self.refuse(ApiError(fault.status, fault.code, "Told to answer this", retry_after=fault.retry_after))
        if not fault.resets:
            twilio.wait_hanging()
        self.close_connection = True
        return hang_up(self.connection)

    def create(self, twilio: "FakeTwilio", form: dict[str, str]) -> dict[str, Any]:
        check_addresses(form, twilio.sender)
        check_window(form, twilio.closed)
        message = twilio.accept(form, text_of(form, twilio.templates))
        time.sleep(twilio.delay)
        return as_json(message, twilio.account, status="queued")

    def list(self, twilio: "FakeTwilio", query: dict[str, str]) -> dict[str, Any]:
        found = twilio.find(query)
        size, page = int(query.get("PageSize", 50)), int(query.get("Page", 0))
        path = messages_path(twilio)

        def uri(number: int) -> str:
            return f"{path}?{urlencode(query | {'PageSize': str(size), 'Page': str(number)})}"

        return {
            "messages": [as_json(one, twilio.account, status="sent") for one in found[page * size : (page + 1) * size]],
            "page": page,
            "page_size": size,
            "start": page * size,
            "end": min((page + 1) * size, len(found)) - 1,
            "uri": uri(page),
            "first_page_uri": uri(0),
            "previous_page_uri": uri(page - 1) if page else None,
            "next_page_uri": uri(page + 1) if (page + 1) * size < len(found) else None,
        }

    def refuse(self, error: ApiError) -> None:
        more = f"https://www.twilio.com/docs/errors/{error.code}"
        body = {"code": error.code, "message": error.message, "more_info": more, "status": error.status}
        headers = {} if error.retry_after is None else {"Retry-After": str(error.retry_after)}
        self.answer(error.status, body, headers)

    def answer(self, status: int, body: dict[str, Any] | str, headers: dict[str, str] | None = None) -> None:
        content = (body if isinstance(body, str) else json.dumps(body)).encode()
        self.send_response(status)
        for name, value in {"Content-Type": "application/json", **(headers or {})}.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the name in http.server
        """Say nothing: tests look at `requests`."""


def messages_path(twilio: "FakeTwilio") -> str:
    return f"/2010-04-01/Accounts/{twilio.account}/Messages.json"


def parsed(encoded: str) -> dict[str, str]:
    return dict(parse_qsl(encoded, keep_blank_values=True))


def hang_up(connection: socket.socket) -> None:
    """Close without an answer; the other side notices at once."""
    with suppress(OSError):  # it may have gone already
        connection.shutdown(socket.SHUT_RDWR)
