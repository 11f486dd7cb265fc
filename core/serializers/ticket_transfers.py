"""What is asked for when tickets leave as a table or come as one."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from core.domain.errors import Invalid
from core.files.table import table
from core.serializers.attachments import UploadSerializer
from core.serializers.strict import StrictSerializer
from core.serializers.ticket_rows import COLUMNS, NEEDED

FORMATS = ["csv", "xlsx"]
MOST_VALUES = 100  # of one filter
ONE = {"type": ["string", "integer"]}


@extend_schema_field({"oneOf": [ONE, {"type": "array", "items": ONE, "maxItems": MOST_VALUES}]})
class ValuesField(serializers.ListField):
    """One value, or several, as behind the "?" a parameter may stand several times."""

    child = serializers.CharField(max_length=200, allow_blank=True)

    def to_internal_value(self, data: Any) -> Any:
        return super().to_internal_value(data if isinstance(data, list) else [data])


class TicketExportSerializer(StrictSerializer):
    format = serializers.ChoiceField(FORMATS)
    filters = serializers.DictField(
        child=ValuesField(max_length=MOST_VALUES),
        required=False,
        default=dict,
        help_text="As the parameters of `GET /api/tickets/`, but for `ordering` and those of pages.",
    )


class TicketImportSerializer(UploadSerializer):
    """A form with a table in it."""

    dry_run = serializers.BooleanField(default=False, help_text="Only say what would be refused.")
    on_error = serializers.ChoiceField(
        ["skip", "none"], default="skip", help_text="When a row is bad: skip it, or create none at all."
    )

    def validate_file(self, file: Any) -> Any:
        """A table that can be read, with columns that an export has; its rows are for the job to judge."""
        try:
            header, _ = table(file.read())
        except Invalid as error:
            raise serializers.ValidationError(error.fields["file"]) from error
        file.seek(0)
        if unknown := sorted(set(header) - set(COLUMNS)):
            raise serializers.ValidationError(
                f"There are columns that no ticket has: {', '.join(map(repr, unknown))[:200]}."
            )
        if missing := [name for name in NEEDED if name not in header]:
            raise serializers.ValidationError(f"There is no column for: {', '.join(missing)}.")
        if len(set(header)) < len(header):
            raise serializers.ValidationError("There are two columns with the same name.")
        return file
