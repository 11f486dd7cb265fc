"""/api/tickets/stats/"""

from django.utils import timezone
from django_filters.utils import translate_validation
from drf_spectacular.utils import extend_schema
from rest_framework.generics import GenericAPIView
from rest_framework.request import Request
from rest_framework.response import Response

from core.authentication import session_of
from core.filters import TicketStatsFilterSet
from core.models import Ticket
from core.serializers.ticket_stats import TicketStatsSerializer
from core.ticket_stats import stats


class TicketStats(GenericAPIView[Ticket]):
    queryset = Ticket.objects.all()
    serializer_class = TicketStatsSerializer
    filterset_class = TicketStatsFilterSet
    pagination_class = None

    @extend_schema(filters=True)
    def get(self, request: Request) -> Response:
        """Numbers about the tickets that you see, narrowed as the list is."""
        visible = Ticket.objects.visible_to(session_of(request).user)
        chosen = TicketStatsFilterSet(request.query_params, visible, request=request)
        if not chosen.is_valid():
            raise translate_validation(chosen.errors)
        days = chosen.form.cleaned_data["days"] or TicketStatsFilterSet.DAYS
        return Response(stats(chosen.qs, days=days, now=timezone.now()))
