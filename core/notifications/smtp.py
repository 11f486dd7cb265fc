"""Django's SMTP backend, which also knows whether the server had the whole mail when a connection broke."""

import math
import selectors
import smtplib
import time
from typing import Any

from django.core.mail.backends.smtp import EmailBackend as DjangoEmailBackend

ALIVE = 1.0  # seconds after an answer in which a server that says nothing more is taken to be there
END_OF_MAIL = b"\r\n.\r\n"


class Watched(smtplib.SMTP):
    """`awaiting_verdict`: the final dot has left and the server has not said yes or no (RFC 5321, 4.5.3.2.6)."""

    awaiting_verdict = False
    heard_at = -math.inf  # time.monotonic() of the last verdict
    not_after = math.inf  # time.monotonic() after which no mail is begun any more

    def send(self, s: Any) -> None:
        super().send(s)
        # Only the body is sent as bytes; if it broke on the way, the dot has not arrived.
        if isinstance(s, bytes) and s.endswith(END_OF_MAIL):
            self.awaiting_verdict = True

    def data(self, msg: Any) -> tuple[int, bytes]:
        if time.monotonic() > self.not_after:
            raise TimeoutError("the conversation took too long")
        code, text = super().data(msg)
        self.heard_at = time.monotonic()
        self.awaiting_verdict = code < 400 and code != 250  # neither taken nor refused
        return code, text

    def has_more(self) -> bool:
        """Whether something came unasked: the server's goodbye, or the end of the connection."""
        if self.sock is None:
            return True
        with selectors.DefaultSelector() as waiting:
            waiting.register(self.sock, selectors.EVENT_READ)
            return bool(waiting.select(0))


class WatchedSSL(Watched, smtplib.SMTP_SSL):
    pass


class EmailBackend(DjangoEmailBackend):
    _partial_connection: smtplib.SMTP | None  # Django's: connected, not signed in yet

    @property
    def connection_class(self) -> type[smtplib.SMTP]:
        return WatchedSSL if self.use_ssl else Watched

    @property
    def awaiting_verdict(self) -> bool:
        """Whether the mail under way may have arrived although sending it failed."""
        return isinstance(self.connection, Watched) and self.connection.awaiting_verdict

    def begin_by(self, moment: float) -> None:
        """Refuse to begin the mail itself after this moment: the lease might end before the server's answer."""
        if isinstance(self.connection, Watched):
            self.connection.not_after = moment

    def is_stale(self) -> bool:
        """Whether the open connection is of no more use. A server that has just answered is not asked again."""
        one = self.connection
        try:
            if isinstance(one, Watched) and time.monotonic() - one.heard_at < ALIVE and not one.has_more():
                return False
            return one is None or one.noop()[0] != 250
        except OSError:
            return True

    def close(self) -> None:
        """Hang up, also on a sign-in that failed. No QUIT: the server may not answer."""
        for connection in (self.connection, self._partial_connection):
            if connection is not None:
                connection.close()
        self.connection = self._partial_connection = None
