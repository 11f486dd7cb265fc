"""Addresses that take no mail of ours any more; whoever deletes one lets mail go there again."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from core.actions import suppressions
from core.admin.read_only import ReadOnly
from core.models import Suppression


@admin.register(Suppression)
class SuppressionAdmin(ReadOnly[Suppression]):
    list_display = ["address", "cause", "detail", "created_at"]
    list_filter = ["cause"]
    search_fields = ["address"]

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return admin.ModelAdmin.has_delete_permission(self, request, obj)

    def delete_model(self, request: HttpRequest, obj: Suppression) -> None:
        suppressions.lift(ids=[obj.pk])

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Suppression]) -> None:
        suppressions.lift(ids=list(queryset.values_list("pk", flat=True)))
