"""/api/notifications/changes/ and state/: for clients that ask from time to time."""

from typing import Any

from django.http import HttpResponse
from django.utils.decorators import method_decorator
from django.views.decorators.http import conditional_page
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from core.authentication import session_of
from core.notifications import feed as feeds
from core.notifications import state
from core.serializers.polling import ChangesSerializer, StateSerializer
from core.serializers.queries import ChangesQuery, StateQuery
from core.serializers.strict import checked

POLL_INTERVAL = "30"  # seconds a client that only polls should wait; sockets are told at once


def tell_poll_interval(response: HttpResponse) -> None:
    """To be called after rendering: a 304 may have taken the answer's place."""
    response.headers["X-Poll-Interval"] = POLL_INTERVAL


class Changes(APIView):
    def finalize_response(self, request: Request, response: Any, *args: Any, **kwargs: Any) -> Response:
        final = super().finalize_response(request, response, *args, **kwargs)
        final.add_post_render_callback(tell_poll_interval)
        return final

    @method_decorator(conditional_page)
    @extend_schema(operation_id="notifications_changes", parameters=[ChangesQuery], responses=ChangesSerializer)
    def get(self, request: Request) -> Response:
        """What was created or changed since a position, as it is now. With `recovered: false` fetch the list anew."""
        query = checked(ChangesQuery(data=request.query_params.dict()))
        found = feeds.changes(session_of(request).user.pk, query["since"], query.get("epoch") or None)
        body = {
            "results": found.results,
            "seq": found.seq,
            "epoch": found.feed.epoch,
            "unread_count": feeds.unread_count(found.feed),
            "has_more": found.has_more,
            "recovered": not found.reason,
        }
        return Response(body)


class State(APIView):
    @extend_schema(operation_id="notifications_state", parameters=[StateQuery], responses=StateSerializer(many=True))
    def get(self, request: Request) -> Response:
        """The values that changed since a timestamp, oldest first, each as it is now."""
        query = checked(StateQuery(data=request.query_params.dict()))
        return Response(state.values(session_of(request).user.pk, query["since"]))
