"""Tickets as clients see them, and what may be written when creating or correcting one."""

from typing import Any

from django.utils import timezone
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from core.actions.clocks import targets
from core.actions.tags import as_tag
from core.domain import sla
from core.domain.transitions import ACTIONS, allowed_actions, part_of
from core.models import Category, Priority, Ticket, User
from core.serializers.people import PersonSerializer
from core.serializers.strict import StrictSerializer, TextField


class SlaSerializer(serializers.Serializer[Any]):
    response = serializers.ChoiceField(sla.CHOICES)
    resolution = serializers.ChoiceField(sla.CHOICES)


class TicketSerializer(serializers.ModelSerializer[Ticket]):
    """A ticket, and what it is to you."""

    # Needs with_people() and the request in its context.
    number = serializers.CharField(read_only=True)
    category_display = serializers.CharField(source="get_category_display", read_only=True)
    priority_display = serializers.CharField(source="get_priority_display", read_only=True)
    status_display = serializers.CharField(source="get_status_display", read_only=True)
    created_by = PersonSerializer(read_only=True)
    assigned_to = PersonSerializer(many=True, read_only=True)
    tags = serializers.SerializerMethodField()
    watchers_count = serializers.IntegerField(read_only=True)
    is_watching = serializers.BooleanField(read_only=True, help_text="Whether you watch it.")
    is_muted = serializers.BooleanField(read_only=True, help_text="Whether you have muted it.")
    sla = serializers.SerializerMethodField()
    allowed_actions = serializers.SerializerMethodField()

    class Meta:
        model = Ticket
        fields = [
            "id",
            "number",
            "title",
            "description",
            "project_name",
            "category",
            "category_display",
            "priority",
            "priority_display",
            "status",
            "status_display",
            "created_by",
            "assigned_to",
            "tags",
            "watchers_count",
            "is_watching",
            "is_muted",
            "response_due_at",
            "first_responded_at",
            "resolution_due_at",
            "estimated_resolution_time",
            "opened_at",
            "started_at",
            "resolved_at",
            "closed_at",
            "sla",
            "created_at",
            "updated_at",
            "version",
            "allowed_actions",
        ]
        read_only_fields = fields

    def get_tags(self, ticket: Ticket) -> list[str]:
        return [tag.name for tag in ticket.tags.all()]

    @extend_schema_field(SlaSerializer)
    def get_sla(self, ticket: Ticket) -> dict[str, str]:
        return {name: state.value for name, state in sla.states(ticket, timezone.now(), targets()).items()}

    @extend_schema_field(serializers.ListField(child=serializers.ChoiceField(ACTIONS)))
    def get_allowed_actions(self, ticket: Ticket) -> list[str]:
        user: User = self.context["request"].user
        assignees = [person.pk for person in ticket.assigned_to.all()]
        return allowed_actions(
            ticket, part_of(user, creator_id=ticket.created_by_id, assignee_ids=assignees), timezone.now()
        )


class TagField(TextField):
    """Counted as it is stored: in lower case some letters are two."""

    def to_internal_value(self, data: Any) -> str:
        return as_tag(super().to_internal_value(data))


class TicketCreateSerializer(StrictSerializer):
    """What a client or an admin says when raising a ticket."""

    title = TextField(max_length=200, help_text="One line.")
    description = TextField(max_length=20_000)
    project_name = TextField(max_length=120, required=False, allow_blank=True)
    category = serializers.ChoiceField(Category.choices, required=False)
    priority = serializers.ChoiceField(Priority.choices, required=False)
    tags = serializers.ListField(
        child=TagField(max_length=40), max_length=20, required=False, help_text="Stored in lower case."
    )

    def validate_title(self, value: str) -> str:
        """One line: it stands in subjects."""
        return " ".join(value.split())

    validate_project_name = validate_title


class TicketUpdateSerializer(TicketCreateSerializer):
    """What may be corrected by PATCH; status, people and times move by actions only."""

    refusal = "This field cannot be changed here."
