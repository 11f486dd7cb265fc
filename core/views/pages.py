"""The pages for people: what runs here, the development outbox, and the link each message carries."""

from typing import Any

from django.conf import settings
from django.core.paginator import Page, Paginator
from django.db import connection
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, render

from core.models import NotificationLog, OutboxMessage, User
from core.notifications.channels import whatsapp
from core.views.errors import read_only

PAGE_SIZE = 50
# Our pages load nothing but our style sheet; mails in the outbox bring their own styles.
POLICY = "default-src 'none'; style-src 'self' {styles}; img-src 'self' data:; base-uri 'none'; form-action {forms}"


def protected(response: HttpResponse, *, styles: str = "", forms: str = "'none'") -> HttpResponse:
    response["Content-Security-Policy"] = POLICY.format(styles=styles, forms=forms)
    return response


@read_only
def home(request: HttpRequest) -> HttpResponse:
    """What runs here and where everything is; outside demo mode only the name and the links."""
    context: dict[str, Any] = {"demo": settings.DEMO, "links": links()}
    if settings.DEMO:
        context |= {"facts": facts(), "people": User.objects.filter(is_active=True).order_by("id")[:20]}
    return protected(render(request, "core/pages/home.html", context))


def links() -> list[tuple[str, str, str]]:
    """Address, name and purpose of everything worth a look."""
    found = [
        ("/api/docs/", "API docs", "Try every call in the browser"),
        ("/api/schema/", "Schema", "OpenAPI 3.1, for client generators"),
        ("/admin/", "Admin", "People, tickets and deliveries"),
        ("/healthz", "Health", "Is the process alive?"),
        ("/readyz", "Readiness", "Are database, channel layer and broker there?"),
        ("/metrics", "Metrics", "For Prometheus"),
    ]
    demo = [
        ("/dev/outbox/", "Outbox", "Every e-mail and WhatsApp message that would have left"),
        ("/dev/emails/", "Messages", "What each looks like, in every language"),
    ]
    return [*demo, *found] if settings.DEMO else found


def staying() -> list[str]:
    """The channels without credentials: their messages end in the outbox."""
    leaving = {"EMAIL": settings.EMAIL_URL or settings.EMAIL_ESP, "WHATSAPP": whatsapp.configured()}
    return [key for key, real in leaving.items() if not real]


def mail_leaves() -> str:
    if "EMAIL" in staying():
        return "stays in the outbox"
    return "leaves by SMTP" if settings.EMAIL_URL else f"leaves by {settings.EMAIL_ESP}"


def facts() -> list[tuple[str, str]]:
    """How this installation is put together, without addresses or secrets."""
    embedded = settings.CELERY_BROKER_URL.startswith("memory")
    return [
        ("Version", str(settings.SPECTACULAR_SETTINGS["VERSION"])),
        ("Runs", "embedded: one process" if embedded else "distributed"),
        ("Database", connection.display_name),
        ("Channel layer", "Redis" if settings.REDIS_URL else "in memory"),
        ("Broker", "in memory" if embedded else settings.CELERY_BROKER_URL.partition(":")[0].capitalize()),
        ("E-mail", mail_leaves()),
        ("WhatsApp", "stays in the outbox" if "WHATSAPP" in staying() else "leaves by Twilio"),
    ]


@read_only
def outbox(request: HttpRequest) -> HttpResponse:
    """What would have left, newest first; `?format=json` for programs."""
    if not settings.DEMO:
        raise Http404
    page = Paginator(OutboxMessage.objects.all(), PAGE_SIZE).get_page(request.GET.get("page"))
    if request.GET.get("format") == "json":
        return JsonResponse(as_json(page))
    return protected(render(request, "core/pages/outbox.html", {"page": page}), styles="'unsafe-inline'")


def as_json(page: Page[OutboxMessage]) -> dict[str, Any]:
    fields = ("id", "key", "channel", "recipient", "subject", "body", "created_at")
    results = [{name: getattr(message, name) for name in fields} for message in page]
    totals = {"count": page.paginator.count, "pages": page.paginator.num_pages}
    return {**totals, "channels": staying(), "results": results}


@read_only
def notification(request: HttpRequest, key: str) -> HttpResponse:
    """The message as it was sent, for whoever holds its unguessable link. Changes nothing."""
    row = get_object_or_404(NotificationLog, link_key=key)
    number = (row.ticket_snapshot or {}).get("number", "")
    response = protected(render(request, "core/pages/notification.html", {"row": row, "number": number}))
    response["X-Robots-Tag"] = "noindex, nofollow"
    response["Referrer-Policy"] = "no-referrer"
    response["Cache-Control"] = "no-store"
    return response
