"""/api/notifications/stream/: who may listen, and from where. It answers what was missed; core/stream.py goes on.

A server that knows WSGI only ends the answer there: EventSource asks again after some seconds, and loses nothing.
"""

import re
from typing import Any

from django.http import HttpResponse
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.exceptions import ValidationError
from rest_framework.negotiation import BaseContentNegotiation
from rest_framework.request import Request
from rest_framework.views import APIView

from core.authentication import SessionTokenAuthentication, UrlTokenAuthentication, session_of
from core.notifications import feed
from core.stream import CONTENT_TYPE, Opened, event, replayed

PARAMETERS = {"token", "last_event_id"}
EVENT_ID = "([!-9;-~]{1,16}):([0-9]{1,18})"  # <epoch>:<seq>
NO_EVENT_ID = "This is not the id of an event: <epoch>:<seq>."
HEADERS = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
NAMES = ["connected", "notification", "state", "task_progress", "message", "heartbeat", "reset"]
SINCE = "The id of the last event: what was missed since comes first."
ID: dict[str, Any] = {"type": "string", "pattern": f"^{EVENT_ID}$"}
EVENT = {
    "type": "object",
    "description": "Each event; `data` is JSON.",
    "properties": {"event": {"type": "string", "enum": NAMES}, "id": ID, "data": {"type": "string"}},
    "required": ["event", "id", "data"],
}
RESUMING = [
    OpenApiParameter("last_event_id", ID, OpenApiParameter.QUERY, description=SINCE),
    OpenApiParameter("Last-Event-ID", ID, OpenApiParameter.HEADER, description=f"{SINCE} It goes first."),
]


class JsonErrors(BaseContentNegotiation):
    """EventSource accepts text/event-stream alone; a refusal is JSON all the same."""

    def select_renderer(self, request: Request, renderers: Any, format_suffix: str | None = None) -> tuple[Any, str]:
        return renderers[0], renderers[0].media_type

    def select_parser(self, request: Request, parsers: Any) -> Any:
        return parsers[0]


class NotificationStream(APIView):
    authentication_classes = [SessionTokenAuthentication, UrlTokenAuthentication]
    content_negotiation_class = JsonErrors

    @extend_schema(operation_id="notifications_stream", parameters=RESUMING, responses={(200, CONTENT_TYPE): EVENT})
    def get(self, request: Request) -> HttpResponse:
        """The inbox as Server-Sent Events: `connected`, `notification`, `state`, `task_progress`, `message`,
        `heartbeat` every 15 s, and `reset` when what was missed cannot be told. Each has `id: <epoch>:<seq>`, to
        resume from. It ends with the session."""
        since = position_of(request)
        session = session_of(request)
        user_id = session.user_id
        missed = feed.replay(user_id, since[1], since[0]) if since else feed.Replay(feed.read(user_id))
        top = missed.feed
        events = [event("connected", {"user_id": user_id}, *(since or (top.epoch, top.top_seq)))]
        if since:
            events += replayed(missed)
        scope = request.META.get("asgi.scope")
        if scope and request.method == "GET":
            scope["stream"] = Opened(session.pk, user_id, top.epoch, top.top_seq)
        return HttpResponse(b"".join(events), content_type=CONTENT_TYPE, headers=HEADERS)


def position_of(request: Request) -> tuple[str, int] | None:
    """Where the client was, if it says so. The header comes from EventSource, whose address stays as it was."""
    if unknown := sorted(set(request.query_params) - PARAMETERS):
        raise ValidationError({name: ["Unknown parameter."] for name in unknown})
    given = request.headers.get("Last-Event-ID") or request.query_params.get("last_event_id")
    if not given:
        return None
    found = re.fullmatch(EVENT_ID, given, re.ASCII)
    if found is None:
        raise ValidationError({"last_event_id": [NO_EVENT_ID]})
    return found[1], int(found[2])
