"""Webhook of the provider that takes our mails: django-anymail checks and reads its reports, a verb acts on them.

Its own views would send a signal; what they do before that is used here (docs/adr/0021-mail-reports.md).
"""

from functools import cache
from importlib import import_module

import structlog
from anymail.exceptions import AnymailError, AnymailWebhookValidationFailure
from anymail.signals import AnymailTrackingEvent, EventType
from anymail.webhooks.base import AnymailCoreWebhookView
from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from core.actions import suppressions
from core.domain.bounces import FOR_GOOD
from core.models import Suppression

NOT_THE_PROVIDER = {"detail": "Name and password, or the signature, do not fit.", "code": "signature_invalid"}
TOO_LARGE = {"detail": "More than we take at once.", "code": "too_large"}
NOT_A_REPORT = {"non_field_errors": ["This is no report that we can read."]}
CAME_BACK = {EventType.BOUNCED, EventType.REJECTED, EventType.FAILED}

logger = structlog.get_logger(__name__)


@csrf_exempt  # whoever has no password or signature is refused
@require_http_methods(["HEAD", "POST"])
def reports(request: HttpRequest, esp: str) -> HttpResponse:
    """Take the reports of the one provider in the settings. Some ask by HEAD whether anybody is there."""
    if not esp or esp != settings.EMAIL_ESP:
        raise Http404
    if request.method == "HEAD":
        return HttpResponse()
    reader = reader_of(esp)()
    try:
        reader.run_validators(request)
        events = reader.parse_events(request)
    except AnymailWebhookValidationFailure:
        logger.warning("webhook_refused", path=request.path)
        return JsonResponse(NOT_THE_PROVIDER, status=401, headers={"WWW-Authenticate": 'Basic realm="webhooks"'})
    except RequestDataTooBig:
        logger.exception("mail_report_too_large", path=request.path)  # it comes again, and again
        return JsonResponse(TOO_LARGE, status=413)
    except (AnymailError, ValueError, LookupError, TypeError, AttributeError) as error:
        logger.warning("mail_report_unreadable", error=type(error).__name__)
        return JsonResponse(NOT_A_REPORT, status=400)
    for event in events:
        take(event, esp)
    return HttpResponse()


@cache
def reader_of(esp: str) -> type[AnymailCoreWebhookView]:
    """django-anymail's view for what becomes of mails at this provider."""
    module = import_module(f"anymail.webhooks.{esp}")
    names = [name for name in vars(module) if name.endswith(("TrackingWebhookView", "CombinedWebhookView"))]
    found: type[AnymailCoreWebhookView] = getattr(module, names[-1])
    return found


def take(event: AnymailTrackingEvent, esp: str) -> None:
    cause = cause_of(event, esp)
    if cause and event.recipient:
        detail, provider_id = event.description or event.mta_response or "", event.message_id or ""
        suppressions.suppress(address=event.recipient, cause=cause, detail=detail, provider_id=provider_id)


def cause_of(event: AnymailTrackingEvent, esp: str) -> Suppression.Cause | None:
    """Why an address is to get no more mail; None for all else. What fails for a while is tried by the provider."""
    if event.event_type == EventType.COMPLAINED:
        return Suppression.Cause.COMPLAINED
    if event.event_type in CAME_BACK and FOR_GOOD[esp](event.esp_event):
        return Suppression.Cause.BOUNCED
    return None
