"""POST /webhooks/twilio/inbound/: somebody wrote to us by WhatsApp."""

import re

from django.http import HttpRequest, HttpResponse, JsonResponse
from twilio.twiml.messaging_response import MessagingResponse

from core.actions import replies
from core.views.signed import by_twilio

NO_SID = {"MessageSid": ["This is not the SID of a message: SM or MM, and 32 hexadecimal digits."]}
SID = re.compile(r"(SM|MM)[0-9a-f]{32}")
WHATSAPP = "whatsapp:"


@by_twilio
def inbound(request: HttpRequest) -> HttpResponse:
    """Answered in TwiML; empty when there is nothing to say, as for strangers and for what came before."""
    form = request.POST
    sid, sender, replied_to = (form.get(name, "") for name in ("MessageSid", "From", "OriginalRepliedMessageSid"))
    if not SID.fullmatch(sid):  # one more character in it would be another message under the same signature
        return JsonResponse(NO_SID, status=400)
    message = replies.Inbound(
        sid=sid,
        sender=sender.removeprefix(WHATSAPP) if sender.startswith(WHATSAPP) else "",
        text=form.get("Body", ""),
        replied_to=replied_to if SID.fullmatch(replied_to) else "",
        has_files=form.get("NumMedia", "0") != "0",
        told=form.get("OptOutType", "").upper(),
    )
    twiml = MessagingResponse()
    if answer := replies.receive(inbound=message):
        twiml.message(answer)
    return HttpResponse(str(twiml), content_type="text/xml")
