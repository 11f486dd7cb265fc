"""POST /webhooks/twilio/status/<delivery>/?attempt=<id>: what became of a WhatsApp message."""

import re

from django.http import HttpRequest, HttpResponse

from core.actions import delivery_reports
from core.views.signed import by_twilio

SID = re.compile(r"[A-Za-z0-9]{1,64}")
NUMBER = re.compile(r"[0-9]{1,18}")


@by_twilio
def status(request: HttpRequest, delivery: int) -> HttpResponse:
    """204 also for what is unknown here or came before: Twilio has nothing to do about it."""
    form = request.POST
    delivery_reports.report(
        delivery_id=int(matching(NUMBER, str(delivery)) or 0),
        attempt_id=int(matching(NUMBER, request.GET.get("attempt", "")) or 0),
        sid=matching(SID, form.get("MessageSid", "")),
        said=form.get("MessageStatus", ""),
        code=matching(NUMBER, form.get("ErrorCode", "")),
        to=form.get("To", ""),
    )
    return HttpResponse(status=204)


def matching(pattern: re.Pattern[str], value: str) -> str:
    """The value, if it looks as it should."""
    return value if pattern.fullmatch(value) else ""
