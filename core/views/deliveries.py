"""/api/notifications/{delivery id}/retry/ and /api/notifications/test/"""

from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from core.action_serializers import NoInputSerializer, TestNotificationSerializer
from core.actions import deliveries as verbs
from core.authentication import session_of
from core.notifications import deliveries, feed
from core.serializers.notifications import DeliverySerializer, NotificationSerializer
from core.serializers.strict import checked
from core.throttling import answered_with_429


class Retry(APIView):
    @extend_schema(operation_id="notifications_retry", request=NoInputSerializer, responses=DeliverySerializer)
    def post(self, request: Request, pk: int) -> Response:
        """An admin lets a FAILED or UNKNOWN delivery go again."""
        actor = session_of(request).user
        verbs.require_retryable(actor=actor, delivery_id=pk)  # 404 and 403 come before 400
        checked(NoInputSerializer(data=request.data))
        return Response(DeliverySerializer(verbs.retry(actor=actor, delivery_id=pk)).data)


class TestNotification(APIView):
    @extend_schema(
        operation_id="notifications_test", request=TestNotificationSerializer, responses={201: NotificationSerializer}
    )
    def post(self, request: Request) -> Response:
        """Send yourself one real notification on a channel; its `deliveries` say what becomes of it."""
        user = session_of(request).user
        channel = checked(TestNotificationSerializer(data=request.data))["channel"]
        with answered_with_429():
            row = verbs.send_test(user=user, channel=channel)
        shown = deliveries.in_inbox(feed.read(user.pk), [row])[0]
        return Response(NotificationSerializer(shown).data, status=status.HTTP_201_CREATED)
