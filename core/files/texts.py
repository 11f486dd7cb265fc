"""Texts: valid UTF-8 without control characters, and nothing that a browser or a shell would run."""

import re

from core.files.limits import unfit

CONTROL = re.compile("[\0-\x08\x0b\x0e-\x1a\x1c-\x1f\x7f]")  # but tabs, line and page ends, and colours of logs
HEAD = 2_048  # characters; browsers look at less
MARKUP = re.compile(r"<([!?]|/?[a-z])")  # at the beginning; logs may begin with <34>
PAGE = re.compile(r"<(script|html|svg|iframe|!doctype|\?xml|\?php)")


def text(content: bytes) -> None:
    _decoded(content)


def json(content: bytes) -> None:
    """Begins as an object or a list; broken ones are what some tickets are about."""
    if not _decoded(content).lstrip().startswith(("{", "[")):
        raise unfit("This is no JSON object or list.")


def _decoded(content: bytes) -> str:
    try:
        words = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise unfit("This is no text in UTF-8.") from error
    if CONTROL.search(words):
        raise unfit("There are control characters in this text.")
    head = words.lstrip()[:HEAD].lower()
    if head.startswith("#!") or MARKUP.match(head) or PAGE.search(head):
        raise unfit("This text begins as a page or a script does.")
    return words
