"""What was deleted since somebody was to be told of it: its link leads nowhere any more.

Only of questions and answers: all else that we tell of keeps its place when it is deleted.
"""

from collections import defaultdict
from collections.abc import Iterable

from core.models import Answer, NotificationLog, Question

KINDS = {"question": Question, "answer": Answer}

Posts = set[tuple[str, int]]  # by type and id


def gone(rows: Iterable[NotificationLog]) -> Posts:
    """Those of the posts that these rows are about which are not there any more: a query a kind, mostly none."""
    told: defaultdict[str, set[int]] = defaultdict(set)
    for row in rows:
        if row.resource_type in KINDS:
            told[row.resource_type].add(row.resource_id)
    return {(kind, pk) for kind, keys in told.items() for pk in keys - there(kind, keys)}


def there(kind: str, keys: set[int]) -> set[int]:
    return set(KINDS[kind]._default_manager.filter(pk__in=keys).order_by().values_list("pk", flat=True))
