"""Tickets: their words can be corrected and new ones opened, by the verbs; the rest is for the API."""

import re
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect

from core.actions import tickets
from core.admin.forms import ChangedOnPage
from core.admin.read_only import ReadOnlyInline
from core.domain.errors import Refused
from core.domain.transitions import FINAL
from core.models import Assignment, Comment, Ticket, TicketHistory, User
from core.models.choices import Status

NUMBER = re.compile(r"\s*(?:INC-)?([0-9]{1,18})\s*", re.IGNORECASE)  # no more digits than a key can have


class PeopleInline(ReadOnlyInline):
    """Rows that name people, read together with them."""

    people: tuple[str, ...]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).select_related(*self.people)


class AssignmentInline(PeopleInline):
    model = Assignment
    fk_name = "ticket"
    fields = ["user", "assigned_by", "assigned_at"]
    people = ("user", "assigned_by")


class CommentInline(PeopleInline):
    model = Comment
    fields = ["author", "body", "is_internal", "created_at"]
    people = ("author",)


class HistoryInline(PeopleInline):
    model = TicketHistory
    fields = ["version", "action", "actor", "from_status", "to_status", "comment", "created_at"]
    people = ("actor",)


class WordsForm(ChangedOnPage, forms.ModelForm[Ticket]):
    def clean_title(self) -> str:
        """One line, as the API has it: it stands in subjects."""
        return " ".join(self.cleaned_data["title"].split())

    def clean_project_name(self) -> str:
        return " ".join(self.cleaned_data["project_name"].split())


@admin.register(Ticket)
class TicketAdmin(admin.ModelAdmin[Ticket]):
    form = WordsForm
    list_display = ["number", "title", "status", "priority", "category", "created_by", "created_at"]
    list_filter = ["status", "priority", "category"]
    list_select_related = ["created_by"]
    search_fields = ["title", "created_by__username"]
    search_help_text = "Number, words of the title, or the creator's username"
    fields = [*tickets.EDITABLE, "status", "created_by", "created_at", "updated_at", "version"]
    readonly_fields = ["status", "created_by", "created_at", "updated_at", "version"]
    inlines = [AssignmentInline, CommentInline, HistoryInline]
    actions = ["open_selected"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Ticket]:
        """Nobody sees what was deleted."""
        return super().get_queryset(request).filter(deleted_at=None)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Ticket | None = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Ticket | None = None) -> bool:
        return super().has_change_permission(request, obj) and (obj is None or Status(obj.status) not in FINAL)

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Ticket], search_term: str
    ) -> tuple[QuerySet[Ticket], bool]:
        """INC-000042 and 42 find the ticket of that number as well."""
        found, repeated = super().get_search_results(request, queryset, search_term)
        if number := NUMBER.fullmatch(search_term):
            found |= queryset.filter(pk=int(number[1]))
        return found, repeated

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Show the ticket as it is when the verb refuses; thrown this far, nothing says or logs that it changed."""
        try:
            return super().change_view(request, object_id, form_url, extra_context)
        except Refused as refused:
            messages.error(request, refused.detail)
            return HttpResponseRedirect(request.path)

    def save_model(self, request: HttpRequest, obj: Ticket, form: Any, change: bool) -> None:
        """Correct the ticket by its verb, which writes the history."""
        fields = {name: form.cleaned_data[name] for name in form.changed_data}
        tickets.update(actor=signed_in(request), ticket_id=obj.pk, **fields)

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
