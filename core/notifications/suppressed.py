"""Addresses that take no mail of ours any more."""

from collections.abc import Collection

from django.db.models.functions import Lower

from core.models import Suppression


def suppressed(addresses: Collection[str]) -> set[str]:
    """Those of them that are suppressed, in lower case; one query, or none."""
    wanted = {address.lower() for address in addresses}
    if not wanted:
        return set()
    found = Suppression.objects.alias(key=Lower("address")).filter(key__in=wanted)
    return {address.lower() for address in found.values_list("address", flat=True)}
