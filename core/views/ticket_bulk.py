"""/api/tickets/bulk/"""

from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from core.action_serializers import TicketBulkSerializer
from core.actions import jobs
from core.authentication import session_of
from core.serializers.jobs import StartedSerializer
from core.serializers.strict import checked


class TicketBulk(APIView):
    @extend_schema(operation_id="tickets_bulk", request=TicketBulkSerializer, responses={202: StartedSerializer})
    def post(self, request: Request) -> Response:
        """Do one thing to many tickets, one after the other, each as if you had asked for it alone.

        What came of each is at `/api/tasks/{task_id}/rows/`; a refusal is what that action's endpoint would answer.
        """
        params = checked(TicketBulkSerializer(data=request.data))
        job = jobs.start(owner=session_of(request).user, name="bulk", params=params)
        return Response(StartedSerializer(job).data, status=status.HTTP_202_ACCEPTED)
