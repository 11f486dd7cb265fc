"""/api/tickets/{id}/attachments/: files on a ticket. Each call looks first whether the person sees the ticket."""

from typing import Any

from django.db.models import QuerySet
from django.http import Http404
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.generics import GenericAPIView
from rest_framework.request import Request
from rest_framework.response import Response

from core.actions import attachments
from core.authentication import session_of
from core.files.kinds import CONTENT_TYPES
from core.models import Attachment
from core.serializers.attachments import AttachmentSerializer, UploadSerializer
from core.serializers.strict import checked
from core.uploads import UploadParser
from core.views.downloads import download
from core.views.ticket_door import visible_ticket


class AttachmentView(GenericAPIView[Attachment]):
    queryset = Attachment.objects.all()
    serializer_class = AttachmentSerializer
    filter_backends = []

    def of_ticket(self, pk: int) -> QuerySet[Attachment]:
        """The files of a ticket; 404 when this person cannot see it."""
        ticket = visible_ticket(session_of(self.request).user, pk)
        return Attachment.objects.filter(ticket=ticket).select_related("uploaded_by")


class Attachments(AttachmentView):
    parser_classes = [UploadParser]

    @extend_schema(responses=AttachmentSerializer(many=True))
    def get(self, request: Request, pk: int) -> Response:
        """The files of a ticket, oldest first."""
        page = self.paginate_queryset(self.of_ticket(pk))
        return self.get_paginated_response(self.get_serializer(page, many=True).data)

    @extend_schema(request={"multipart/form-data": UploadSerializer}, responses={201: AttachmentSerializer})
    def post(self, request: Request, pk: int) -> Response:
        """Add a file: whoever sees the ticket, unless it is closed or cancelled. Nobody is told."""
        self.of_ticket(pk)
        form = checked(UploadSerializer(data=request.data))
        added = attachments.add_attachment(actor=session_of(request).user, ticket_id=pk, **form)
        return Response(self.get_serializer(added).data, status=status.HTTP_201_CREATED)


class AttachmentDetail(AttachmentView):
    @extend_schema(responses={204: None})
    def delete(self, request: Request, pk: int, attachment: int) -> Response:
        """Take a file away for good: whoever uploaded it, or an admin, unless the ticket is closed or cancelled."""
        attachments.remove_attachment(actor=session_of(request).user, ticket_id=pk, attachment_id=attachment)
        return Response(status=status.HTTP_204_NO_CONTENT)


class AttachmentDownload(AttachmentView):
    @extend_schema(responses={(200, *CONTENT_TYPES): OpenApiTypes.BINARY})
    def get(self, request: Request, pk: int, attachment: int) -> Any:
        """The file itself, to be saved, never to be shown in place."""
        found = self.of_ticket(pk).filter(pk=attachment).first()
        if found is None:
            raise Http404
        return download(found.file, name=found.name, content_type=found.content_type)
