"""What an export of tickets may be narrowed by: what the list is narrowed by, as JSON."""

from collections.abc import Mapping, Sequence

import django_filters as filters
from django.http import QueryDict
from rest_framework.exceptions import ValidationError

from core.filters.tickets import TicketFilterSet
from core.models import Ticket, User

ONE_VALUE = "Give one value."


class TicketExportFilterSet(TicketFilterSet):
    """Of the tickets that `user` sees. Nothing is ordered: the rows come by number."""

    beside = frozenset()
    ordering = None  # type: ignore[assignment]  # django-filter's way to leave one out

    def __init__(self, given: Mapping[str, Sequence[str]], user: User) -> None:
        query = QueryDict(mutable=True)
        for name, values in given.items():
            query.setlist(name, list(values))
        super().__init__(query, Ticket.objects.visible_to(user))
        self.given, self.user = given, user

    def asks(self) -> User:
        return self.user

    def require_valid(self) -> "TicketExportFilterSet":
        """Raise ValidationError (400), which names each wrong one."""
        wrong = {} if self.is_valid() else {name: list(texts) for name, texts in self.errors.items()}
        wrong |= {name: [ONE_VALUE] for name, values in self.given.items() if len(values) > 1 and self._takes_one(name)}
        if wrong:
            # A name that no UTF-8 holds could not be named in the answer.
            named = {name.encode(errors="replace").decode(): texts for name, texts in wrong.items()}
            raise ValidationError({f"filters.{name}": texts for name, texts in named.items()})
        return self

    def _takes_one(self, name: str) -> bool:
        return name in self.filters and not isinstance(self.filters[name], filters.MultipleChoiceFilter)
