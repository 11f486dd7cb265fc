"""/api/notifications/: one's own inbox."""

from collections.abc import Callable
from functools import cached_property
from typing import Any

from django.shortcuts import get_object_or_404
from django.utils.decorators import method_decorator
from django.views.decorators.http import conditional_page
from drf_spectacular.utils import extend_schema
from rest_framework import viewsets
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from core.action_serializers import MarkAsReadSerializer, NoInputSerializer
from core.actions import inbox as verbs
from core.authentication import session_of
from core.filters import NotificationFilterSet
from core.models import Feed, NotificationLog, User
from core.models.notification import SYSTEM
from core.notifications import deliveries, registry
from core.notifications import feed as feeds
from core.pagination import PAGE_PARAMETERS, InboxPages
from core.serializers.notifications import (
    MarkedAllSerializer,
    MarkedManySerializer,
    MarkedOneSerializer,
    NotificationSerializer,
    UnreadCountSerializer,
)
from core.serializers.queries import MarkAllQuery
from core.serializers.strict import checked
from core.views.polling import tell_poll_interval

POLLED = {"list", "unread", "unread_count"}


class NotificationLogViewSet(viewsets.GenericViewSet[NotificationLog]):
    queryset = NotificationLog.objects.all()
    serializer_class = NotificationSerializer
    pagination_class = InboxPages
    filterset_class = NotificationFilterSet
    lookup_value_regex = "[0-9]{1,18}"
    count: Callable[[], int] | None = None  # how many a page is of, where that is known without counting

    def get_queryset(self) -> Any:
        """Letters, which have no position, are not among them."""
        return NotificationLog.objects.filter(recipient=self.user, seq__gt=0)

    @cached_property
    def user(self) -> User:
        return session_of(self.request).user

    @cached_property
    def feed(self) -> Feed:
        """Read before the rows: what arrives in between has a later position, so that nobody misses it."""
        return feeds.read(self.user.pk)

    def get_object(self) -> NotificationLog:
        """Of any channel, archived or not: the filters are those of the lists."""
        found: NotificationLog = get_object_or_404(self.get_queryset(), pk=self.kwargs["pk"])
        return found

    def finalize_response(self, request: Request, response: Any, *args: Any, **kwargs: Any) -> Response:
        final = super().finalize_response(request, response, *args, **kwargs)
        if self.action in POLLED:
            final.add_post_render_callback(tell_poll_interval)
        return final

    @method_decorator(conditional_page)
    @extend_schema(responses=NotificationSerializer(many=True))
    def list(self, request: Request) -> Response:
        """The inbox, newest first."""
        return self.page(self.filter_queryset(self.get_queryset()), lambda: feeds.inbox_count(self.feed))

    @method_decorator(conditional_page)
    @extend_schema(responses=NotificationSerializer(many=True))
    @action(detail=False)
    def unread(self, request: Request) -> Response:
        """What is unread, newest first."""
        unread = self.get_queryset().filter(is_read=False, unread_seq__gt=self.feed.read_up_to)
        return self.page(self.filter_queryset(unread), lambda: feeds.unread_count(self.feed))

    @method_decorator(conditional_page)
    @extend_schema(responses=UnreadCountSerializer, filters=False)
    @action(detail=False, pagination_class=None)
    def unread_count(self, request: Request) -> Response:
        """How many are unread, whole and by channel and event."""
        counts = self.feed.unread
        body = {
            "count": feeds.unread_count(self.feed),
            "by_type": {key: sum(counts.get(key, {}).values()) for key in registry.channels()},
            "by_event": counts.get(SYSTEM, {}),
            "seq": self.feed.top_seq,
            "epoch": self.feed.epoch,
        }
        return Response(body)

    def retrieve(self, request: Request, pk: str) -> Response:
        """One notification."""
        return Response(self.shown())

    @extend_schema(request=NoInputSerializer, responses=MarkedOneSerializer)
    @action(detail=True, methods=["post"])
    def mark_as_read(self, request: Request, pk: str) -> Response:
        """Mark one as read, on every channel."""
        return self.mark(pk, verbs.mark_one_read, "Marked as read.")

    @extend_schema(request=NoInputSerializer, responses=MarkedOneSerializer)
    @action(detail=True, methods=["post"])
    def mark_as_unread(self, request: Request, pk: str) -> Response:
        """Mark one as unread again; an archived one comes back."""
        return self.mark(pk, verbs.mark_unread, "Marked as unread.")

    @extend_schema(request=NoInputSerializer, responses=MarkedOneSerializer)
    @action(detail=True, methods=["post"])
    def archive(self, request: Request, pk: str) -> Response:
        """Put one away; archiving marks as read."""
        return self.mark(pk, verbs.archive, "Archived.")

    @extend_schema(
        operation_id="notifications_mark_many_as_read",
        request=MarkAsReadSerializer,
        responses=MarkedManySerializer,
    )
    @action(detail=False, methods=["post"], url_path="mark_as_read", pagination_class=None)
    def mark_many_as_read(self, request: Request) -> Response:
        """Mark several as read; ids that are not yours are passed over."""
        ids = checked(MarkAsReadSerializer(data=request.data))["notification_ids"]
        marked = verbs.mark_read(user=self.user, ids=ids)
        return Response({"count": marked.count, "unread_count": marked.unread_count})

    @extend_schema(request=NoInputSerializer, responses=MarkedAllSerializer, parameters=[MarkAllQuery])
    @action(detail=False, methods=["post"], pagination_class=None)
    def mark_all_as_read(self, request: Request) -> Response:
        """Mark everything (about one thing) as read that is there now; what arrives meanwhile stays unread."""
        query = checked(MarkAllQuery(data=request.query_params.dict()))
        checked(NoInputSerializer(data=request.data))
        marked = verbs.mark_all_read(
            user=self.user,
            ticket_id=query.get("ticket"),
            resource=(query["resource_type"], query["resource_id"]) if "resource_type" in query else None,
            up_to_seq=query.get("up_to_seq"),
        )
        message = f"{marked.count} marked as read."
        return Response({"message": message, "count": marked.count, "unread_count": marked.unread_count})

    def page(self, rows: Any, whole: Callable[[], int]) -> Response:
        """`whole` is how many there are while nothing is filtered."""
        if not self.request.query_params.keys() - PAGE_PARAMETERS:
            self.count = whole
        found = deliveries.in_inbox(self.feed, self.paginate_queryset(rows) or [])
        return self.get_paginated_response(NotificationSerializer(found, many=True).data)

    def shown(self) -> Any:
        row = self.get_object()
        return NotificationSerializer(deliveries.in_inbox(feeds.read(self.user.pk), [row])[0]).data

    def mark(self, pk: str, verb: Any, message: str) -> Response:
        self.get_object()  # 404 comes before 400
        checked(NoInputSerializer(data=self.request.data))
        marked = verb(user=self.user, notification_id=int(pk))
        return Response({"message": message, "notification": self.shown(), "unread_count": marked.unread_count})
