"""Full text search of tickets: each word must begin a word of the ticket, wherever in it that stands.

Clients do not find by internal comments. Why so, and how the index is kept: docs/adr/0010-search.md.
"""

import re
import unicodedata

from django.db import connection
from django.db.models import BooleanField, Case, F, FloatField, Func, QuerySet, Value, When

from core.models import Role, Ticket, User
from core.serializers.strict import MAX_ID

MOST_WORDS = 10
NUMBER = re.compile(r"(?:INC-?)?0*([1-9][0-9]{0,18})", re.IGNORECASE)
WORDS = F("words__words")


class Matches(Func):
    template = "%(expressions)s"
    output_field = BooleanField()


class Rank(Func):
    output_field = FloatField()


def search(tickets: QuerySet[Ticket], text: str, user: User) -> QuerySet[Ticket]:
    """Those that `user` finds, best first: the ticket with that number, then by rank, then the newest."""
    words = words_of(text)
    if not words:
        return tickets.none()
    ask = postgres if connection.vendor == "postgresql" else sqlite
    found, rank = ask(words, staff=user.role != Role.CLIENT)
    matching = tickets.filter(found, words__isnull=False)  # the second makes it an inner join
    return matching.alias(rank=rank).order_by(*numbered(text), "-rank", "-id")


def words_of(text: str) -> list[str]:
    """The first ten different words. Punctuation and symbols, also quotes and operators, only part words."""
    return list(dict.fromkeys(re.findall(r"[^\W_]+", unicodedata.normalize("NFKC", text))))[:MOST_WORDS]


def numbered(text: str) -> list[Case]:
    number = NUMBER.fullmatch(text.strip())
    if number is None or int(number[1]) > MAX_ID:
        return []
    return [Case(When(pk=int(number[1]), then=Value(0)), default=Value(1))]


def postgres(words: list[str], *, staff: bool) -> tuple[Matches, Rank]:
    """Labels: A number and title, B description, C public comments, D internal ones; weights from D to A."""
    terms = " & ".join(f"'{word}':*{'' if staff else 'ABC'}" for word in words)
    query = Func(Value(terms), template="to_tsquery('simple', core_search_fold(%(expressions)s))")
    weights = "{.1,.2,.4,1}" if staff else "{0,.2,.4,1}"
    rank = Rank(WORDS, query, template=f"ts_rank('{weights}', %(expressions)s)")
    return Matches(WORDS, query, arg_joiner=" @@ "), rank


def sqlite(words: list[str], *, staff: bool) -> tuple[Matches, Rank]:
    """Weights of the columns number, title, description, public comments, internal ones."""
    terms = " AND ".join(f'"{word}"*' for word in words)
    query = Value(terms if staff else f"{{number title description comments}} : ({terms})")
    weights = (10.0, 10.0, 4.0, 2.0, 1.0 if staff else 0.0)
    rank = Rank(WORDS, *map(Value, weights), template="-bm25(%(expressions)s)")
    return Matches(WORDS, query, arg_joiner=" MATCH "), rank
