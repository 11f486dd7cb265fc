"""Tickets: their words can be corrected and new ones opened, by the verbs; the rest is for the API."""

from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest

from core.actions import tickets
from core.admin.read_only import ReadOnlyInline
from core.domain.errors import Refused
from core.domain.transitions import FINAL
from core.models import Assignment, Comment, Ticket, TicketHistory, User
from core.models.choices import Status


class AssignmentInline(ReadOnlyInline):
    model = Assignment
    fk_name = "ticket"
    fields = ["user", "assigned_by", "assigned_at"]


class CommentInline(ReadOnlyInline):
    model = Comment
    fields = ["author", "body", "created_at"]


class HistoryInline(ReadOnlyInline):
    model = TicketHistory
    fields = ["version", "action", "actor", "from_status", "to_status", "comment", "created_at"]


@admin.register(Ticket)
class TicketAdmin(admin.ModelAdmin[Ticket]):
    list_display = ["number", "title", "status", "priority", "category", "created_by", "created_at"]
    list_filter = ["status", "priority", "category"]
    list_select_related = ["created_by"]
    search_fields = ["title", "created_by__username"]
    fields = [*tickets.EDITABLE, "status", "created_by", "created_at", "updated_at", "version"]
    readonly_fields = ["status", "created_by", "created_at", "updated_at", "version"]
    inlines = [AssignmentInline, CommentInline, HistoryInline]
    actions = ["open_selected"]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Ticket | None = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Ticket | None = None) -> bool:
        return super().has_change_permission(request, obj) and (obj is None or Status(obj.status) not in FINAL)

    def save_model(self, request: HttpRequest, obj: Ticket, form: Any, change: bool) -> None:
        """Correct the ticket by its verb, which writes the history."""
        fields = {name: form.cleaned_data[name] for name in form.changed_data}
        try:
            tickets.update(actor=signed_in(request), ticket_id=obj.pk, **fields)
        except Refused as refused:
            messages.error(request, refused.detail)

    @admin.action(description="Open selected tickets (their creators are told)")
    def open_selected(self, request: HttpRequest, queryset: QuerySet[Ticket]) -> None:
        for ticket in queryset:
            try:
                tickets.open_ticket(actor=signed_in(request), ticket_id=ticket.pk)
            except Refused as refused:
                messages.error(request, f"{ticket.number}: {refused.detail}")
            else:
                messages.success(request, f"{ticket.number} opened.")


def signed_in(request: HttpRequest) -> User:
    """The admin at the keyboard; the site lets nobody else in."""
    if not isinstance(request.user, User):
        raise TypeError("The admin site let somebody in who is not signed in.")
    return request.user
