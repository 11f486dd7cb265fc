"""Webhooks of Twilio's: a form, signed over our public address and every parameter, those unknown to us too."""

from collections.abc import Callable
from functools import wraps
from typing import Any

import structlog
from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST
from twilio.request_validator import RequestValidator

logger = structlog.get_logger(__name__)

View = Callable[..., HttpResponse]
FORM = "application/x-www-form-urlencoded"
NOT_A_FORM = {"detail": "Send a form.", "code": "unsupported_media_type"}
NOT_TWILIO = {"detail": "The signature does not fit.", "code": "signature_invalid"}


def by_twilio(view: View) -> View:
    """Refuse what Twilio has not signed with our auth token: 403, and nothing else is looked at."""

    @wraps(view)
    def checked(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if request.content_type != FORM:
            return JsonResponse(NOT_A_FORM, status=415)
        if not is_signed(request):
            logger.warning("webhook_refused", path=request.path, configured=bool(settings.TWILIO_AUTH_TOKEN))
            return JsonResponse(NOT_TWILIO, status=403)
        return view(request, *args, **kwargs)

    return csrf_exempt(require_POST(checked))


def is_signed(request: HttpRequest) -> bool:
    """Against PUBLIC_URL: behind a proxy the address of the request itself is another. Without a token nobody can."""
    signature = request.headers.get("X-Twilio-Signature", "")
    url = settings.PUBLIC_URL + request.get_full_path()
    validator = RequestValidator(settings.TWILIO_AUTH_TOKEN)
    return bool(settings.TWILIO_AUTH_TOKEN) and bool(validator.validate(url, request.POST, signature))
