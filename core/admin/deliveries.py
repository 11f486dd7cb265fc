"""Where every message stands, and why."""

from django.contrib import admin

from core.admin.read_only import ReadOnly, ReadOnlyInline
from core.models import ChannelCircuit, DeliveryAttempt, NotificationLog


class AttemptsInline(ReadOnlyInline):
    model = DeliveryAttempt
    fields = ["started_at", "finished_at", "outcome", "code", "provider_id", "reported", "reported_code", "reported_at"]


@admin.register(NotificationLog)
class NotificationLogAdmin(ReadOnly[NotificationLog]):
    list_display = ["id", "event", "recipient", "notification_type", "status", "error", "attempts", "created_at"]
    list_filter = ["notification_type", "status", "event"]
    list_select_related = ["recipient"]
    search_fields = ["recipient__username", "subject"]
    exclude = ["link_key", "message"]  # what people say to each other is no admin's; the key opens it
    inlines = [AttemptsInline]


@admin.register(ChannelCircuit)
class ChannelCircuitAdmin(ReadOnly[ChannelCircuit]):
    list_display = ["channel", "code", "opened_at", "open_until", "openings", "alerted_at"]
