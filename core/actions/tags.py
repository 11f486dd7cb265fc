"""Tags on tickets and questions; a tag that nobody has used yet is made."""

from collections.abc import Collection

from core.models import Question, Tag, Ticket


def as_tag(text: str) -> str:
    """`text` as tags are stored: one line in lower case."""
    return " ".join(text.lower().split())


def set_tags(tagged: Ticket | Question, names: Collection[str]) -> list[list[str]] | None:
    """Give it exactly these tags; return [before, after], or None when nothing changes."""
    before = sorted(tagged.tags.values_list("name", flat=True))
    after = sorted(set(names))
    if before == after:
        return None
    Tag.objects.bulk_create([Tag(name=name) for name in after], ignore_conflicts=True)
    tagged.tags.set(Tag.objects.filter(name__in=after))
    return [before, after]


def make_tags(names: Collection[str]) -> None:
    """Those that are not there yet; in order, so that two who make the same wait for each other in turn."""
    Tag.objects.bulk_create([Tag(name=name) for name in sorted(names)], ignore_conflicts=True)
