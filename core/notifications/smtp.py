"""Django's SMTP backend, which also knows whether the server had the whole mail when a connection broke."""

import smtplib
from typing import Any

from django.core.mail.backends.smtp import EmailBackend as DjangoEmailBackend

END_OF_MAIL = b"\r\n.\r\n"


class Watched(smtplib.SMTP):
    """`awaiting_verdict`: the final dot has left and the server's answer has not come (RFC 5321, 4.5.3.2.6)."""

    awaiting_verdict = False

    def send(self, s: Any) -> None:
        super().send(s)
        # Only the body is sent as bytes; if it broke on the way, the dot has not arrived.
        self.awaiting_verdict = isinstance(s, bytes) and s.endswith(END_OF_MAIL)

    def data(self, msg: Any) -> tuple[int, bytes]:
        reply = super().data(msg)
        self.awaiting_verdict = False
        return reply


class WatchedSSL(Watched, smtplib.SMTP_SSL):
    pass


class EmailBackend(DjangoEmailBackend):
    @property
    def connection_class(self) -> type[smtplib.SMTP]:
        return WatchedSSL if self.use_ssl else Watched
