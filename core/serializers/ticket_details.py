"""What hangs on a ticket: history, comments; and the developers one can assign."""

from rest_framework import serializers

from core.domain.policies import sees_internal
from core.models import Comment, Status, TicketHistory, User
from core.serializers.people import PersonSerializer


class HistorySerializer(serializers.ModelSerializer[TicketHistory]):
    """`changes` is `{field: [before, after]}`; `from_status` is empty for the creation. Without an `actor` it
    happened by itself.

    An internal comment has its row for everybody, and its text for staff alone.
    """

    # Needs the request in its context.

    actor = PersonSerializer(read_only=True, allow_null=True)
    from_status = serializers.ChoiceField(Status.choices, allow_blank=True, read_only=True)
    comment = serializers.SerializerMethodField()
    changes = serializers.DictField(child=serializers.ListField(), read_only=True)

    class Meta:
        model = TicketHistory
        fields = ["id", "action", "actor", "from_status", "to_status", "comment", "changes", "version", "created_at"]
        read_only_fields = fields

    def get_comment(self, row: TicketHistory) -> str:
        hidden = "is_internal" in row.changes and not sees_internal(self.context["request"].user.role)
        return "" if hidden else row.comment


class CommentSerializer(serializers.ModelSerializer[Comment]):
    author = PersonSerializer(read_only=True)
    comment = serializers.CharField(source="body", read_only=True)

    class Meta:
        model = Comment
        fields = ["id", "author", "comment", "is_internal", "created_at"]
        read_only_fields = fields


class DeveloperSerializer(serializers.ModelSerializer[User]):
    """`open_tickets`: tickets assigned to them that are not resolved, closed or cancelled."""

    full_name = serializers.CharField(read_only=True)
    open_tickets = serializers.IntegerField(read_only=True)

    class Meta:
        model = User
        fields = ["id", "username", "full_name", "email", "open_tickets"]
        read_only_fields = fields
