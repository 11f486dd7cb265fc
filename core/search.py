"""Full text search of tickets and of questions: each word must begin a word, wherever in one of them that stands.

Clients do not find by internal comments. Why so, and how the index is kept: docs/adr/0010-search.md.
"""

import re
import unicodedata
from typing import Any, NamedTuple

from django.db import connection
from django.db.models import BooleanField, Case, F, FloatField, Func, QuerySet, Value, When

from core.models import Question, Role, Ticket, User
from core.serializers.strict import MAX_ID

MOST_WORDS = 10
NUMBER = re.compile(r"(?:INC-?)?0*([1-9][0-9]{0,18})", re.IGNORECASE)
WORDS = F("words__words")


class Index(NamedTuple):
    """What is searched, as each database has it: labels of PostgreSQL, weighed from D to A, and columns of FTS5.

    No labels or columns: all of them.
    """

    labels: str
    label_weights: str
    columns: str
    column_weights: tuple[float, ...]


# Labels: A number and title, B description, C public comments, D internal ones; a column for each of these five.
TICKETS = Index("", "{.1,.2,.4,1}", "", (10.0, 10.0, 4.0, 2.0, 1.0))
TICKETS_FOR_CLIENTS = Index("ABC", "{0,.2,.4,1}", "number title description comments", (10.0, 10.0, 4.0, 2.0, 0.0))
# A title, B body, C answers.
QUESTIONS = Index("", "{0,.2,.4,1}", "", (10.0, 4.0, 2.0))


class Matches(Func):
    template = "%(expressions)s"
    output_field = BooleanField()


class Rank(Func):
    output_field = FloatField()


def search(tickets: QuerySet[Ticket], text: str, user: User) -> QuerySet[Ticket]:
    """Those that `user` finds, best first: the ticket with that number, then by rank, then the newest."""
    index = TICKETS_FOR_CLIENTS if user.role == Role.CLIENT else TICKETS
    return ranked(tickets, text, index, *numbered(text))


def search_questions(questions: QuerySet[Question], text: str) -> QuerySet[Question]:
    """Those that are found, best first, then the newest."""
    return ranked(questions, text, QUESTIONS)


def ranked(rows: QuerySet[Any], text: str, index: Index, *first: Case) -> QuerySet[Any]:
    """Those with all the words."""
    words = words_of(text)
    if not words:
        return rows.none()
    found, rank = (postgres if connection.vendor == "postgresql" else sqlite)(words, index)
    matching: QuerySet[Any] = rows.filter(found, words__isnull=False)  # the second makes it an inner join
    matching = matching.alias(rank=rank)
    return matching.order_by(*first, "-rank", "-id")


def words_of(text: str) -> list[str]:
    """The first ten different words. Punctuation and symbols, also quotes and operators, only part words."""
    return list(dict.fromkeys(re.findall(r"[^\W_]+", unicodedata.normalize("NFKC", text))))[:MOST_WORDS]


def numbered(text: str) -> list[Case]:
    number = NUMBER.fullmatch(text.strip())
    if number is None or int(number[1]) > MAX_ID:
        return []
    return [Case(When(pk=int(number[1]), then=Value(0)), default=Value(1))]


def postgres(words: list[str], index: Index) -> tuple[Matches, Rank]:
    terms = " & ".join(f"'{word}':*{index.labels}" for word in words)
    query = Func(Value(terms), template="to_tsquery('simple', core_search_fold(%(expressions)s))")
    rank = Rank(WORDS, query, template=f"ts_rank('{index.label_weights}', %(expressions)s)")
    return Matches(WORDS, query, arg_joiner=" @@ "), rank


def sqlite(words: list[str], index: Index) -> tuple[Matches, Rank]:
    terms = " AND ".join(f'"{word}"*' for word in words)
    query = Value(f"{{{index.columns}}} : ({terms})" if index.columns else terms)
    rank = Rank(WORDS, *map(Value, index.column_weights), template="-bm25(%(expressions)s)")
    return Matches(WORDS, query, arg_joiner=" MATCH "), rank
