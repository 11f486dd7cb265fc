"""Tags on tickets; a tag that nobody has used yet is made."""

from collections.abc import Collection

from core.models import Tag, Ticket


def as_tag(text: str) -> str:
    """`text` as tags are stored: one line in lower case."""
    return " ".join(text.lower().split())


def set_tags(ticket: Ticket, names: Collection[str]) -> list[list[str]] | None:
    """Give `ticket` exactly these tags; return [before, after], or None when nothing changes."""
    before = sorted(ticket.tags.values_list("name", flat=True))
    after = sorted(set(names))
    if before == after:
        return None
    Tag.objects.bulk_create([Tag(name=name) for name in after], ignore_conflicts=True)
    ticket.tags.set(Tag.objects.filter(name__in=after))
    return [before, after]
