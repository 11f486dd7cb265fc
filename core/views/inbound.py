"""POST /webhooks/twilio/inbound/: somebody wrote to us by WhatsApp."""

from django.http import HttpRequest, HttpResponse, JsonResponse
from twilio.twiml.messaging_response import MessagingResponse

from core.actions import replies
from core.views.signed import by_twilio

MISSING = {"MessageSid": ["This field is required."]}
LONGEST_SID = 64
WHATSAPP = "whatsapp:"


@by_twilio
def inbound(request: HttpRequest) -> HttpResponse:
    """Answered in TwiML; empty when there is nothing to say, as for strangers and for what came before."""
    form = request.POST
    sid, sender = form.get("MessageSid", ""), form.get("From", "")
    if not 0 < len(sid) <= LONGEST_SID:
        return JsonResponse(MISSING, status=400)
    message = replies.Inbound(
        sid=sid,
        sender=sender.removeprefix(WHATSAPP) if sender.startswith(WHATSAPP) else "",
        text=form.get("Body", ""),
        replied_to=form.get("OriginalRepliedMessageSid", "")[:LONGEST_SID],
        told=form.get("OptOutType", "").upper(),
    )
    twiml = MessagingResponse()
    if answer := replies.receive(inbound=message):
        twiml.message(answer)
    return HttpResponse(str(twiml), content_type="text/xml")
