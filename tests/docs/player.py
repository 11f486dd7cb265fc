"""Plays the guide's examples against the real application: calls by a schema-checking client, real sockets."""

import json
import socket
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from threading import Thread
from typing import Any
from urllib.parse import parse_qsl

import uvicorn
from websockets.sync.client import ClientConnection, connect

from core.actions import sessions
from core.actions.jobs import UNFINISHED
from core.jobs import runner
from core.management.demo.people import PEOPLE
from core.management.server import STOP_SECONDS, config
from core.models import JobRun, User
from core.notifications.letters import PASSWORD_RESET
from core.notifications.phone_code import code_of
from tests.attachments.calls import FORM, form, part
from tests.docs.examples import EVENTS, WEBHOOK, XML, Answer, Call, Example, Frame, Said
from tests.docs.pages import GUIDE, blocks, read
from tests.docs.samples import Samples
from tests.fakes.twilio_webhooks import signature
from tests.openapi import ApiClient
from tests.stack import TWILIO_AUTH_TOKEN

SWITCHED = 101
PUBLIC_URL = "http://testserver"
READ: dict[str, Callable[[User], str]] = {
    "uid": lambda user: str(user.pk),
    "token": PASSWORD_RESET.token,
    "code": lambda user: code_of(user.phone_verification),
}
FILES = {
    "console.log": b"12:00:01 payment.js: undefined is not a function\n",
    "tickets.csv": next(block.text.encode() for block in blocks(read(GUIDE)) if block.language == "csv"),
}


@contextmanager
def serving() -> Iterator[str]:
    """The whole application on a port of this machine, for sockets; yields host:port."""
    listener = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(config(STOP_SECONDS))
    thread = Thread(target=server.run, kwargs={"sockets": [listener]}, name="guide-server")
    thread.start()
    try:
        while not server.started:
            assert thread.is_alive(), "the server did not start"
            time.sleep(0.01)
        yield f"127.0.0.1:{listener.getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join(10)


def work() -> None:
    """Do all the long work there is; what a worker had to leave is taken again after its lease."""
    until = time.monotonic() + 60
    runner.work()
    while JobRun.objects.filter(status__in=UNFINISHED).exists():
        assert time.monotonic() < until, "long work has not ended"
        time.sleep(0.1)
        runner.work()


class Player:
    """One story: what is created early is there later. After each call everything due is done and delivered."""

    def __init__(self, host: str, deliver: Callable[[], None], closing: ExitStack) -> None:
        self._host, self._deliver, self._closing = host, deliver, closing
        people = {person.username: person.create() for person in PEOPLE}
        User.objects.filter(username="carl").update(phone_verified_at=None, whatsapp_opted_in=False)
        ids = {number: user.pk for number, user in enumerate(people.values(), start=1)}
        self.samples = Samples(ids, self._find)
        self.sockets: dict[str, ClientConnection] = {}
        self.early: defaultdict[str, list[dict[str, Any]]] = defaultdict(list)  # came before it is shown

    def play(self, example: Example) -> None:
        try:
            if isinstance(example, Frame):
                self._receive(example)
            elif isinstance(example, Said):
                self.sockets[example.by].send(json.dumps(self.samples.real_value(example.body)))
            elif example.answer and example.answer.status == SWITCHED:
                self._connect(example)
            else:
                self._call(example)
        except AssertionError as error:
            raise AssertionError(f"NOTIFICATION_SYSTEM_GUIDE.md, line {example.line}: {error}") from error

    def finish(self) -> None:
        """No socket has received anything that the guide does not show."""
        for whose, connection in self.sockets.items():
            assert not self.early[whose], f"the socket of {whose} received {self.early[whose]}"
            try:
                unexpected = connection.recv(timeout=0.2)
            except TimeoutError:
                continue
            raise AssertionError(f"the socket of {whose} received {unexpected!r}")

    def _call(self, example: Call) -> None:
        body: str | bytes = "" if example.body is None else json.dumps(self.samples.real_value(example.body))
        if example.headers.get("Content-Type") == WEBHOOK:
            body = str(example.body).strip()
            signed = signature(PUBLIC_URL + example.path, dict(parse_qsl(body)), TWILIO_AUTH_TOKEN)
            self.samples.names["signature"] = signed
        headers = {name: self.samples.real_text(value) for name, value in example.headers.items()}
        kind = headers.pop("Content-Type", "application/json")
        if example.file:
            words = [part(value.encode(), name=None, field=name) for name, value in example.form.items()]
            body, kind = form(part(FILES[example.file], name=example.file), *words), FORM
        path = self.samples.real_text(example.path)
        response: Any = ApiClient().generic(example.method, path, body, kind, headers=headers)
        work()
        self._deliver()
        if example.answer is None:
            assert response.status_code < 300, f"{response.status_code}: {response.content.decode()}"
            if example.keep:
                self.samples.names[example.keep] = response.json()["access"]
            return
        self._check(example.answer, response)

    def _check(self, expected: Answer, response: Any) -> None:
        text = response.content.decode()
        assert response.status_code == expected.status, f"{response.status_code}: {text}"
        for name, value in expected.headers.items():
            self.samples.compare(value, response.headers.get(name, ""), name)
        if expected.body is None:
            assert not text, f"a body came: {text}"
        elif response.headers["Content-Type"] == XML:
            assert text == expected.body.strip()
        else:
            is_text = response.headers["Content-Type"] == EVENTS
            self.samples.compare(expected.body, text if is_text else json.loads(text))

    def _connect(self, example: Call) -> None:
        whose = example.path.partition("<")[2].partition(">")[0]
        url = f"ws://{self._host}{self.samples.real_text(example.path)}"
        self.sockets[whose] = self._closing.enter_context(connect(url, proxy=None))
        time.sleep(0.3)  # accepted; the consumer still joins its group

    def _receive(self, example: Frame) -> None:
        """The next frame of its type: a message and its notification may overtake each other."""
        early = self.early[example.to]
        while not (found := [frame for frame in early if frame["type"] == example.body["type"]]):
            early.append(json.loads(self.sockets[example.to].recv(timeout=5)))
        early.remove(found[0])
        self.samples.compare(example.body, found[0])

    def _find(self, name: str) -> str:
        """What people read elsewhere: Dora's uid and token in the link of a mail, Carl's code on his phone."""
        username, _, what = name.partition("'s ")
        if what not in READ:
            return self._sign_in(name)
        self.samples.names[name] = READ[what](User.objects.get(username=username))
        return self.samples.names[name]

    def _sign_in(self, name: str) -> str:
        """`<ada>` is Ada's access token, also where the guide does not show how she signed in."""
        assert name in {person.username for person in PEOPLE}, f"<{name}> has not been shown before"
        self.samples.names[name] = sessions.start(user=User.objects.get(username=name)).access
        return self.samples.names[name]
