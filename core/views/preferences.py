"""/api/notifications/preferences/"""

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from core.actions import preferences as verbs
from core.authentication import session_of
from core.models import Preference
from core.notifications.preferences import preference_of
from core.serializers.preferences import PreferencesSerializer
from core.serializers.queries import QuerySerializer
from core.serializers.strict import checked


class Preferences(APIView):
    @extend_schema(operation_id="notifications_preferences", responses=PreferencesSerializer)
    def get(self, request: Request) -> Response:
        """What you want to be told, where and when."""
        checked(QuerySerializer(data=request.query_params.dict()))
        user = session_of(request).user
        return Response(PreferencesSerializer(preference_of(user) or Preference(user=user)).data)

    @extend_schema(
        operation_id="notifications_preferences_update", request=PreferencesSerializer, responses=PreferencesSerializer
    )
    def put(self, request: Request) -> Response:
        """Change that. Events and channels that are not named stay as they are."""
        wanted = checked(PreferencesSerializer(data=request.data))
        return Response(PreferencesSerializer(verbs.change(user=session_of(request).user, **wanted)).data)
