"""A provider of mail with an API of its own: Postmark's one call, as https://postmarkapp.com/developer has it."""

import json
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any, NamedTuple
from uuid import uuid4

TOKEN = "server-token-of-the-tests"


class Answer(NamedTuple):
    status: int = 200
    body: str = ""
    headers: dict[str, str] = {}
    after: float = 0  # seconds


class FakePostmark(ThreadingHTTPServer):
    """`answers`: what it says instead, one each; `taken`: the mails that it took."""

    daemon_threads = True
    block_on_close = False

    def __init__(self) -> None:
        self.answers: list[Answer] = []
        self.taken: list[dict[str, Any]] = []
        super().__init__(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server_port}/"
        Thread(target=self.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()

    def stop(self) -> None:
        self.shutdown()
        self.server_close()


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: FakePostmark

    def do_POST(self) -> None:
        mail = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        if (self.path, self.headers["X-Postmark-Server-Token"]) != ("/email", TOKEN):
            return self.answer(error(401, 10, "Bad or missing Server API token."))
        if self.server.answers:
            return self.answer(self.server.answers.pop(0))
        self.server.taken.append(mail)
        said = {"To": mail["To"], "MessageID": str(uuid4()), "ErrorCode": 0, "Message": "OK"}
        return self.answer(Answer(body=json.dumps(said)))

    def answer(self, answer: Answer) -> None:
        time.sleep(answer.after)
        content = answer.body.encode()
        self.send_response(answer.status)
        for name, value in {**answer.headers, "Content-Length": str(len(content))}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the name in http.server
        """Say nothing."""


def error(status: int, code: int, message: str, **headers: str) -> Answer:
    said = {name.replace("_", "-"): value for name, value in headers.items()}
    return Answer(status, json.dumps({"ErrorCode": code, "Message": message}), said)
