"""The link at the end of a mail: a page that asks, and the button of mail programs, which does not (RFC 8058)."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from core.actions import preferences
from core.models import User
from core.notifications import unsubscribe
from core.notifications.message import language
from core.notifications.phrases import phrases
from core.views import errors
from core.views.pages import protected


@csrf_exempt  # mail programs have no cookies: the link itself is what only its owner has
@require_http_methods(["GET", "HEAD", "POST"])
def stop(request: HttpRequest, token: str) -> HttpResponse:
    """Looking at it changes nothing: mail programs look at links, too."""
    user_id = unsubscribe.recipient(token)
    person = User.objects.filter(pk=user_id).first() if user_id else None
    if person is None:
        raise Http404
    done = request.method == "POST"
    if done:
        if request.POST.get("List-Unsubscribe") != "One-Click":
            return errors.answer(request, 400)
        preferences.turn_off_email(user_id=person.pk)
    context = {"done": done, "say": phrases(person.locale), "language": language(person.locale)}
    response = protected(render(request, "core/pages/unsubscribe.html", context), forms="'self'")
    response["Referrer-Policy"] = "no-referrer"
    response["X-Robots-Tag"] = "noindex, nofollow"
    response["Cache-Control"] = "no-store"
    return response
