"""Events of other applications: what they may be, looked at when they are registered and when they are announced."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime

from django.core.exceptions import ImproperlyConfigured

from core.domain.change import Change, Person, Resource
from core.notifications import letters, registry
from core.notifications.event import Event, Group
from core.notifications.message import LANGUAGES, Message, Words, in_words

NAME = re.compile(r"[a-z][a-z0-9_]*")
ALWAYS_NAMED = {"number", "title", "actor", "comment", "count"}  # in words; the first two stand for a ticket's
OURS = {"job"}  # what we know, and no event of ours is about
MAX_EVENT, MAX_TYPE, MAX_URL, MAX_KEY, MAX_FACT, MAX_SUBJECT, MAX_COMMENT = 64, 32, 200, 120, 200, 300, 2_000
SAID = "As good as new."


def register_event(
    *,
    key: str,
    words: Words,
    resource: Resource,
    facts: Mapping[str, str] | None = None,
    together: Words | None = None,
) -> None:
    """Make an event known; call it in AppConfig.ready().

    `words` by language, English at least, may name {actor}, {comment} and the `facts`, which are given here by name
    with an example of each. `together`: words for {count} of one resource at once, for events that come often.
    `resource`: an example of what it is about.
    """
    example = Change(
        event=key,
        key=f"{key}:example",
        at=datetime(2026, 1, 30, 12, 0, tzinfo=UTC),
        actor=Person(1, "ada", "Ada Admin"),
        resource=resource,
        facts=tuple((facts or {}).items()),
        comment=SAID if "{comment}" in words.get("en", Message("", "")).text else "",
    )
    event = Event(key, (Group.MEMBERS,), words, example, requires_sight=False, together=together or {})
    try:
        check_event(event)
    except ValueError as error:
        raise ImproperlyConfigured(f"Event {key!r}: {error}") from error
    registry.add(event)


def check_event(event: Event) -> None:
    """ValueError where it is not what an event must be."""
    named = {name for name, _ in event.example.facts}
    require(is_name(event.key, MAX_EVENT), f"a key is lower case, at most {MAX_EVENT} characters")
    require(event.key not in letters.LETTERS, "this key is taken")
    require(not named & ALWAYS_NAMED, f"no fact is called {' or '.join(sorted(ALWAYS_NAMED))}")
    about = {own.example.about.type for own in registry.own_events().values()} | OURS
    require(event.example.about.type not in about, f"{event.example.about.type!r} is a resource of ours")
    for words in filter(None, (event.words, event.together)):
        require("en" in words, "words are needed in English")
        require(set(words) <= set(LANGUAGES), f"we speak {', '.join(LANGUAGES)}")
        require(not any("{comment" in said.subject for said in words.values()), "a subject has no room for a comment")
    try:
        check_change(event, event.example)
        for locale in event.together:
            in_words(event.together, locale, count=2, number="", title="", actor="")
    except (LookupError, AttributeError, TypeError) as error:
        raise ValueError(f"its words name what is no fact: {error}") from error


def check_change(event: Event, change: Change) -> None:
    """ValueError where a change is not what the event says, or would not fit."""
    about = change.about
    known = event.example
    require(about.type == known.about.type, f"it is about a {known.about.type}, not a {about.type}")
    require(is_name(about.type, MAX_TYPE), f"a type is lower case, at most {MAX_TYPE} characters")
    require(0 <= about.id < 2**63, "the id of a resource is a whole number")
    require(about.url.startswith("/") and fits(about.url, MAX_URL), f"a url is a path of at most {MAX_URL} characters")
    require(change.key.partition(":")[2], "a key tells it from others of its kind")
    require(fits(change.key, MAX_KEY), f"its key has, with the event's, at most {MAX_KEY} characters")
    given, wanted = dict(change.facts), dict(known.facts)
    require(given.keys() == wanted.keys(), f"its facts are {', '.join(wanted) or 'none'}")
    for name, fact in given.items():
        require(fits(fact, MAX_FACT), f"{name} is one line of at most {MAX_FACT} characters")
    require(len(change.comment) <= MAX_COMMENT and "\0" not in change.comment, f"a comment has at most {MAX_COMMENT}")
    for locale in LANGUAGES:
        subject = event.message(change, locale).subject
        require(fits(subject, MAX_SUBJECT), f"its subject is longer than {MAX_SUBJECT} characters")
    channels = registry.channels()
    require(set(change.channels) <= channels.keys(), f"the channels are {', '.join(channels)}")


def is_name(text: str, most: int) -> bool:
    return len(text) <= most and NAME.fullmatch(text) is not None


def fits(text: str, most: int) -> bool:
    """Whether it is one line of so many characters that the database takes."""
    return len(text) <= most and text == "".join(text.splitlines()) and "\0" not in text


def require(is_so: object, otherwise: str) -> None:
    if not is_so:
        raise ValueError(otherwise)
