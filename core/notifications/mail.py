"""A whole mail: headers, text and HTML."""

from collections.abc import Sequence
from email.utils import parseaddr
from itertools import accumulate

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string

from core.notifications import unsubscribe
from core.notifications.letters import LETTERS
from core.notifications.message import Line, Outgoing, language
from core.notifications.phrases import phrases

MOST_LINES = 100  # of what one mail gathers
MOST_BYTES = 100_000  # of their texts, which are in the mail twice, and encoded: well below what servers take


def compose(address: str, message: Outgoing) -> EmailMultiAlternatives:
    """The whole mail, built before a connection is needed."""
    off = "" if message.event in LETTERS else unsubscribe.link(message.recipient_id)
    subject = " ".join(message.subject.split())
    said = content(message) | {"subject": subject, "off": off}
    mail = EmailMultiAlternatives(
        subject=subject,
        body=render_to_string("core/email/notification.txt", said).strip(),
        to=[address],
        headers=headers(message) | (one_click(off) if off else {}),
    )
    mail.attach_alternative(render_to_string("core/email/notification.html", said), "text/html")
    return mail


def content(message: Outgoing) -> dict[str, object]:
    """What the templates show."""
    say, lines = phrases(message.locale), shown(message.lines)
    left_out = len(message.lines) - len(lines)
    return {
        "message": message,
        "language": language(message.locale),
        "say": say,
        "button": message.button or say.look,
        "lines": lines,
        "more": say.more.format(count=left_out) if left_out > 0 else "",
    }


def shown(lines: Sequence[Line]) -> Sequence[Line]:
    """The first lines, as many as one mail holds; at least one, if there are any."""
    sizes = accumulate(len(line.subject.encode()) + len(line.text.encode()) for line in lines[:MOST_LINES])
    return lines[: max(1, sum(size <= MOST_BYTES for size in sizes))]


def headers(message: Outgoing) -> dict[str, str]:
    """The time stands in the Message-ID: numbers begin anew in a new database, mail programs remember the old ones."""
    right = domain()
    thread = f"<{message.resource}@{right}>"
    return {
        "Message-ID": f"<delivery-{message.delivery_id}.{message.created_at:%Y%m%d%H%M%S}@{right}>",
        "X-Delivery-Attempt": str(message.attempt_id),
        "References": thread,
        "In-Reply-To": thread,
        "Auto-Submitted": "auto-generated",
    }


def one_click(link: str) -> dict[str, str]:
    """For the button of mail programs (RFC 8058)."""
    return {"List-Unsubscribe": f"<{link}>", "List-Unsubscribe-Post": "List-Unsubscribe=One-Click"}


def domain() -> str:
    """The right side of our Message-IDs: the sender's domain."""
    return parseaddr(settings.DEFAULT_FROM_EMAIL)[1].rpartition("@")[2] or "localhost"
