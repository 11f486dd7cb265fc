"""Tickets as clients see them, and what may be written when creating or correcting one."""

from typing import Any

from django.utils import timezone
from rest_framework import serializers

from core.actions.clocks import iso, targets
from core.actions.tags import as_tag
from core.domain import sla
from core.domain.transitions import ACTIONS, allowed_actions, part_of
from core.models import Category, Priority, Status, Ticket
from core.serializers.people import PersonSerializer, person_shown
from core.serializers.strict import StrictSerializer, TextField

CATEGORIES, PRIORITIES, STATUSES = dict(Category.choices), dict(Priority.choices), dict(Status.choices)


class SlaSerializer(serializers.Serializer[Any]):
    response = serializers.ChoiceField(sla.CHOICES)
    resolution = serializers.ChoiceField(sla.CHOICES)


class TicketSerializer(serializers.ModelSerializer[Ticket]):
    """A ticket, and what it is to you."""

    # Needs with_people(), with_workers_and_labels() and the request in its context. The fields are for the schema.
    number = serializers.CharField(read_only=True)
    category_display = serializers.CharField(source="get_category_display", read_only=True)
    priority_display = serializers.CharField(source="get_priority_display", read_only=True)
    status_display = serializers.CharField(source="get_status_display", read_only=True)
    created_by = PersonSerializer(read_only=True)
    assigned_to = PersonSerializer(many=True, read_only=True)
    tags = serializers.ListField(child=serializers.CharField(), read_only=True)
    watchers_count = serializers.IntegerField(read_only=True)
    is_watching = serializers.BooleanField(read_only=True, help_text="Whether you watch it.")
    is_muted = serializers.BooleanField(read_only=True, help_text="Whether you have muted it.")
    sla = SlaSerializer(read_only=True)
    allowed_actions = serializers.ListField(child=serializers.ChoiceField(ACTIONS), read_only=True)

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

    def to_representation(self, ticket: Ticket) -> dict[str, Any]:
        """Plainly, as people are: going by the fields takes most of a page's time."""
        now, user = timezone.now(), self.context["request"].user
        part = part_of(user, creator_id=ticket.created_by_id, assignee_ids=[person.pk for person in ticket.workers])
        return {
            "id": ticket.pk,
            "number": ticket.number,
            "title": ticket.title,
            "description": ticket.description,
            "project_name": ticket.project_name,
            "category": ticket.category,
            "category_display": CATEGORIES[ticket.category],
            "priority": ticket.priority,
            "priority_display": PRIORITIES[ticket.priority],
            "status": ticket.status,
            "status_display": STATUSES[ticket.status],
            "created_by": person_shown(ticket.created_by),
            "assigned_to": [person_shown(person) for person in ticket.workers],
            "tags": ticket.labels,
            "watchers_count": ticket.watchers_count,
            "is_watching": ticket.is_watching,
            "is_muted": ticket.is_muted,
            "response_due_at": iso(ticket.response_due_at),
            "first_responded_at": iso(ticket.first_responded_at),
            "resolution_due_at": iso(ticket.resolution_due_at),
            "estimated_resolution_time": iso(ticket.estimated_resolution_time),
            "opened_at": iso(ticket.opened_at),
            "started_at": iso(ticket.started_at),
            "resolved_at": iso(ticket.resolved_at),
            "closed_at": iso(ticket.closed_at),
            "sla": {name: state.value for name, state in sla.states(ticket, now, targets()).items()},
            "created_at": iso(ticket.created_at),
            "updated_at": iso(ticket.updated_at),
            "version": ticket.version,
            "allowed_actions": allowed_actions(ticket, part, now),
        }


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
