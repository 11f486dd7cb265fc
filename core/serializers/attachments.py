"""Files on a ticket, and the form that brings one."""

from typing import Any

from django.http import QueryDict
from django.urls import reverse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from core.models import Attachment
from core.serializers.people import PersonSerializer
from core.serializers.strict import StrictSerializer


class AttachmentSerializer(serializers.ModelSerializer[Attachment]):
    """`content_type` is what the content is; `download_url` wants the access token, too."""

    uploaded_by = PersonSerializer(read_only=True)
    download_url = serializers.SerializerMethodField()

    class Meta:
        model = Attachment
        fields = ["id", "name", "content_type", "size", "uploaded_by", "created_at", "download_url"]
        read_only_fields = fields

    @extend_schema_field(OpenApiTypes.URI_REF)
    def get_download_url(self, attachment: Attachment) -> str:
        return reverse("attachment-download", kwargs={"pk": attachment.ticket_id, "attachment": attachment.pk})


class UploadSerializer(StrictSerializer):
    """A form with one file in it."""

    file = serializers.FileField()

    def to_internal_value(self, data: Any) -> Any:
        if isinstance(data, QueryDict) and len(data.getlist("file")) > 1:
            raise serializers.ValidationError({"file": ["Send one file at a time."]})
        return super().to_internal_value(data)
