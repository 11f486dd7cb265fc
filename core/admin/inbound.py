"""What people wrote to us by WhatsApp, and what came of it."""

from django.contrib import admin

from core.admin.read_only import ReadOnly
from core.models import InboundMessage


@admin.register(InboundMessage)
class InboundMessageAdmin(ReadOnly[InboundMessage]):
    list_display = ["id", "user", "outcome", "code", "ticket", "received_at"]
    list_filter = ["outcome", "code"]
    list_select_related = ["user", "ticket"]
