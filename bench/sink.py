"""`python -m bench.sink`: the mail server of EMAIL_URL, which takes everything and keeps nothing.

For smtp+tls:// it is a submission server (RFC 6409): it wants STARTTLS, with the certificate and key of SSL_CERT_FILE,
and then the sign-in of the URL.
"""

import os
import ssl
import threading
from typing import Any
from urllib.parse import SplitResult, urlsplit

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session


class Sink:
    async def handle_DATA(self, _server: SMTP, _session: Session, _envelope: Envelope) -> str:  # noqa: N802
        return "250 OK"


def submission(url: SplitResult) -> dict[str, Any]:
    expected = LoginPassword((url.username or "").encode(), (url.password or "").encode())
    tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    tls.load_cert_chain(os.environ["SSL_CERT_FILE"])

    def authenticator(_server: SMTP, _session: Session, _envelope: Envelope, _how: str, given: Any) -> AuthResult:
        return AuthResult(success=given == expected, handled=False)  # 535 is for the server to say

    return {"tls_context": tls, "require_starttls": True, "auth_required": True, "authenticator": authenticator}


if __name__ == "__main__":
    url = urlsplit(os.environ["EMAIL_URL"])
    Controller(
        Sink(), hostname="127.0.0.1", port=url.port or 25, **submission(url) if url.scheme == "smtp+tls" else {}
    ).start()
    threading.Event().wait()
