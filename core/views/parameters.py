"""What stands behind the "?" of a door that has no filters."""

from collections.abc import Set as AbstractSet

from rest_framework.exceptions import ValidationError
from rest_framework.request import Request


def take_only(request: Request, parameters: AbstractSet[str]) -> None:
    """Refuse other parameters, as the lists do."""
    if unknown := sorted(set(request.query_params) - parameters):
        raise ValidationError({name: ["Unknown parameter."] for name in unknown})
