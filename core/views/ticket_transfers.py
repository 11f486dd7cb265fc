"""/api/tickets/export/ and import/: tickets leave as a table, and come as one. A job does it."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from core.actions import jobs
from core.authentication import session_of
from core.filters import TicketExportFilterSet
from core.models import JobRun
from core.permissions import IsAdmin
from core.serializers.jobs import StartedSerializer
from core.serializers.strict import checked
from core.serializers.ticket_transfers import TicketExportSerializer, TicketImportSerializer
from core.uploads import UploadParser


class TicketExport(APIView):
    @extend_schema(operation_id="tickets_export", request=TicketExportSerializer, responses={202: StartedSerializer})
    def post(self, request: Request) -> Response:
        """The tickets that you see, narrowed as you say, as a table: the task's result."""
        user, params = session_of(request).user, checked(TicketExportSerializer(data=request.data))
        TicketExportFilterSet(params["filters"], user).require_valid()
        return taken_on(jobs.start(owner=user, name="export", params=params))


class TicketImport(APIView):
    parser_classes = [UploadParser]
    permission_classes = [IsAuthenticated, IsAdmin]

    @extend_schema(
        operation_id="tickets_import",
        request={"multipart/form-data": TicketImportSerializer},
        responses={202: StartedSerializer},
    )
    def post(self, request: Request) -> Response:
        """Raise a ticket for each row of a table, as if you had raised it alone. An admin.

        What came of each row is at `/api/tasks/{task_id}/rows/` and, as a table, the task's result.
        """
        params: dict[str, Any] = dict(checked(TicketImportSerializer(data=request.data)))
        file = params.pop("file")
        return taken_on(jobs.start(owner=session_of(request).user, name="import", params=params, upload=file))


def taken_on(job: JobRun) -> Response:
    return Response(StartedSerializer(job).data, status=status.HTTP_202_ACCEPTED)
