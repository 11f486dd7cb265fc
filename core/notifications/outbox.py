"""The development outbox: in demo mode, messages without credentials stay here and can be looked at."""

from collections.abc import Sequence

from django.conf import settings
from django.core.mail import EmailMessage, EmailMultiAlternatives
from django.core.mail.backends.base import BaseEmailBackend

from core.models import OutboxMessage
from core.notifications.channel import Misconfigured

KEPT = 1_000  # messages


def put(*, key: str, channel: str, recipient: str, body: str, subject: str = "", html: str = "") -> None:
    """Keep a message; the same key again changes nothing. Outside demo mode credentials are required."""
    if not settings.DEMO:
        raise Misconfigured("missing_credentials")
    OutboxMessage.objects.get_or_create(
        key=key,
        defaults={"channel": channel, "recipient": recipient, "subject": subject, "body": body, "html": html},
    )


def trim() -> None:
    """Keep the newest messages only."""
    kept = OutboxMessage.objects.order_by("-pk").values_list("pk", flat=True)[KEPT : KEPT + 1]
    OutboxMessage.objects.filter(pk__lte=kept[0] if kept else 0).delete()


class EmailBackend(BaseEmailBackend):
    """Django's e-mail backend when EMAIL_URL is not set."""

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        for mail in email_messages:
            html = mail.alternatives[0][0] if isinstance(mail, EmailMultiAlternatives) and mail.alternatives else ""
            put(
                key=mail.extra_headers["Message-ID"],
                channel="EMAIL",
                recipient=mail.to[0],
                subject=str(mail.subject),
                body=str(mail.body),
                html=str(html),
            )
        return len(email_messages)
