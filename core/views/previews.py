"""In demo mode, what every message looks like, in every language and on every channel."""

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render

from core.notifications import registry
from core.notifications.examples import examples
from core.notifications.message import LANGUAGES
from core.views.errors import read_only
from core.views.pages import protected


@read_only
def emails(request: HttpRequest) -> HttpResponse:
    """Those of one channel in one language; e-mails in English at first."""
    locale, channel = request.GET.get("locale", "en"), request.GET.get("channel", "EMAIL")
    if not settings.DEMO or locale not in LANGUAGES or channel not in registry.channels():
        raise Http404
    show = registry.channels()[channel].show
    context = {
        "messages": [(name, show(message)) for name, message in examples(channel, locale).items()],
        "locale": locale,
        "locales": LANGUAGES,
        "channel": channel,
        "channels": registry.channels(),
    }
    return protected(render(request, "core/pages/previews.html", context), styles="'unsafe-inline'")
