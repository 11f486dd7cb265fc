"""A fake Twilio which speaks Twilio's HTTP API for WhatsApp messages, and misbehaves when told to.

https://www.twilio.com/docs/messaging/api/message-resource and https://www.twilio.com/docs/api/errors
"""

from collections import deque
from datetime import UTC, datetime
from threading import Event, Thread

from tests.fakes.recorder import Recorder
from tests.fakes.twilio_http import Server
from tests.fakes.twilio_messages import Fault, Report, WhatsApp
from tests.fakes.twilio_webhooks import Answer, inbound_form, over_http, signature, status_form

GIVE_UP = 30.0  # seconds after which a hanging request is dropped, should a test forget to end it


class FakeTwilio(Recorder[WhatsApp]):
    """`sent` is what the account's message list shows; unlike what tests take, it keeps everything.

    `closed`: numbers whose owners have not written for 24 hours; by default everybody has. `post` calls webhooks.
    `delay`: so many seconds after it took a message it says so.
    """

    def __init__(self, port: int, *, account: str, token: str, sender: str) -> None:
        super().__init__()
        self.port, self.account, self.token, self.sender = port, account, token, sender
        self.templates: dict[str, str] = {}
        self.sent: list[WhatsApp] = []
        self.closed: set[str] = set()
        self.post = over_http
        self.delay = 0.0
        self.requests: list[tuple[str, dict[str, str]]] = []
        self._faults: dict[str, deque[Fault]] = {"POST": deque(), "GET": deque()}
        self._hanging = Event()
        self._server: Server | None = None

    def start(self) -> None:
        if self._server is None:
            self._server = Server(self)
            Thread(target=self._server.serve_forever, args=(0.05,), daemon=True, name="fake Twilio").start()

    def stop(self) -> None:
        """Break every connection and stop listening."""
        if self._server is not None:
            self._end_hanging()
            self._server.shutdown()
            self._server.server_close()
            self._server = None

    def fail(
        self,
        status: int,
        code: int = 0,
        *,
        retry_after: int | None = None,
        accepted: bool = False,
        times: int = 1,
        method: str = "POST",
    ) -> None:
        """Answer the next `times` requests with this HTTP status and Twilio error code."""
        self._faults[method].extend([Fault(status, code, retry_after, accepted)] * times)

    def hang(self, *, accepted: bool = False, times: int = 1, method: str = "POST") -> None:
        """Never answer the next `times` requests."""
        self._faults[method].extend([Fault(accepted=accepted)] * times)

    def hangs(self, method: str) -> bool:
        """Whether the next request will never be answered."""
        faults = self._faults[method]
        return bool(faults) and faults[0].hangs

    def reset(self, *, accepted: bool = False) -> None:
        """Break the connection of the next request off."""
        self._faults["POST"].append(Fault(accepted=accepted, resets=True))

    def garble(self, text: str, *, accepted: bool = False, method: str = "POST") -> None:
        """Answer the next request well, but with this."""
        self._faults[method].append(Fault(201, accepted=accepted, text=text))

    def report(self, message: WhatsApp, status: str, code: int = 0) -> int:
        """Say what became of a message where its sender wanted to hear it; return the answer's status."""
        message.reports.append(Report(status, code))
        return self.call(message.form["StatusCallback"], status_form(message, self.account)).status

    def receive(self, url: str, number: str, body: str, *, replied_to: str = "", **more: str) -> Answer:
        """Hand over, to the webhook at `url`, what the owner of a number wrote; `more` parameters, or other ones."""
        self.wrote(number)
        names = {"account": self.account, "sender": self.sender}
        return self.call(url, inbound_form(number, body, replied_to=replied_to, more=more, **names))

    def call(self, url: str, form: dict[str, str]) -> Answer:
        """Call a webhook, signed."""
        return self.post(url, form, {"X-Twilio-Signature": signature(url, form, self.token)})

    def wrote(self, number: str) -> None:
        """Its owner has written to us just now: the window is open."""
        self.closed.discard(number)

    def behave(self) -> None:
        """Forget faults, templates, windows and the message list; listen again."""
        self._end_hanging()
        self.delay = 0.0
        for faults in self._faults.values():
            faults.clear()
        self.templates.clear()
        self.closed.clear()
        self.sent.clear()
        self.requests.clear()
        self.start()

    # --- for the HTTP side ---------------------------------------------------------------------

    def next_fault(self, method: str) -> Fault | None:
        faults = self._faults[method]
        return faults.popleft() if faults else None

    def wait_hanging(self) -> None:
        """Block until the test is over; the connection is closed without an answer then."""
        self._hanging.wait(GIVE_UP)

    def accept(self, form: dict[str, str], body: str) -> WhatsApp:
        to, sender = (form[name].removeprefix("whatsapp:") for name in ("To", "From"))
        message = WhatsApp(to, sender, body, form)
        self.sent.append(message)
        self.record(message)
        return message

    def find(self, query: dict[str, str]) -> list[WhatsApp]:
        """What the list shows, newest first; DateSent> and DateSent< include their bounds, as Twilio's do."""
        since, until = query.get("DateSent>"), query.get("DateSent<")
        return [
            message
            for message in reversed(self.sent)
            if query.get("To") in (None, f"whatsapp:{message.to}")
            and query.get("From") in (None, f"whatsapp:{message.sender}")
            and (since is None or message.sent_at >= parse(since))
            and (until is None or message.sent_at <= parse(until))
        ]

    def _end_hanging(self) -> None:
        hanging, self._hanging = self._hanging, Event()
        hanging.set()


def parse(date: str) -> datetime:
    """A date, or a date and time, of a query."""
    moment = datetime.fromisoformat(date)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
