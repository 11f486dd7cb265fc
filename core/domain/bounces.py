"""Which bounces are for good, in the words of each provider of mails; django-anymail calls a full mailbox one, too.

Each provider's own documentation of its webhooks says what the words mean.
"""

import re
from collections.abc import Callable, Mapping
from typing import Any

Report = Mapping[str, Any]  # as the provider sent it

NO_MAILBOX = re.compile(r"\b5\.1\.\d")  # an address that is wrong, in RFC 3463


def brevo(report: Report) -> bool:
    return report.get("event") in {"hard_bounce", "invalid_email"}


def mailgun(report: Report) -> bool:
    """It gives up for good for other reasons, too, such as a mail that looks like spam."""
    said = report.get("event-data", {})
    status = said.get("delivery-status", {})
    words = f"{status.get('message', '')} {status.get('description', '')} {status.get('enhanced-code', '')}"
    no_mailbox = said.get("reason") in {"bounce", "suppress-bounce"} or NO_MAILBOX.search(words)
    return bool(said.get("severity") == "permanent" and no_mailbox)


def mailjet(report: Report) -> bool:
    return report.get("event") == "bounce" and report.get("hard_bounce") is True


def mandrill(report: Report) -> bool:
    return report.get("event") == "hard_bounce"


def postmark(report: Report) -> bool:
    return report.get("Type") in {"HardBounce", "BadEmailAddress"}


def sparkpost(report: Report) -> bool:
    """Class 10 is an address that does not exist, 30 one that takes nothing."""
    said: Report = next(iter(report.get("msys", {}).values()), {})
    return said.get("type") in {"bounce", "out_of_band"} and str(said.get("bounce_class")) in {"10", "30"}


FOR_GOOD: dict[str, Callable[[Report], bool]] = {
    provider.__name__: provider for provider in (brevo, mailgun, mailjet, mandrill, postmark, sparkpost)
}
