"""The tables of the documents, made from what the product itself knows."""

import importlib
import re
from collections.abc import Callable, Iterable, Sequence
from datetime import timedelta
from pathlib import Path

from django.conf import settings

from core.domain.transitions import ACTIONS, EVERY, FINAL, TRANSITIONS, Who
from core.models import Status
from core.notifications import registry
from core.notifications.reasons import REASONS
from core.notifications.retry import BACKOFF, JITTER

DOCUMENTS = ("README.md", "NOTIFICATION_SYSTEM_GUIDE.md", "CONTRIBUTING.md")
BLOCK = re.compile(r"(?P<start><!-- generated: (?P<what>\S+) -->\n).*?(?P<end><!-- end -->)", re.DOTALL)
SETTING = re.compile(r"^#?(?P<name>[A-Z_]+)=(?P<default>.*)$")
BY_VERB = {"assign": "stays, but `NEW` becomes `OPEN`", "resume": "the status it was held from"}
LANGUAGES = {".js": "js", ".ts": "ts", ".dart": "dart", ".py": "python"}


def completed(text: str) -> str:
    """A document with every generated block as it should be now."""
    return BLOCK.sub(lambda found: f"{found['start']}{block(found['what'])}\n{found['end']}", text)


def block(what: str) -> str:
    """A table by its name, or a file of the repository by its path."""
    if what in TABLES:
        return TABLES[what]()
    path = root() / what
    return f"```{LANGUAGES[path.suffix]}\n{path.read_text(encoding='utf-8')}```"


def root() -> Path:
    return Path(settings.BASE_DIR)


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    cells = [head, ["---"] * len(head), *([text.replace("|", "\\|") for text in row] for row in rows)]
    return "\n".join(f"| {' | '.join(row)} |" for row in cells)


def says(module: str) -> str:
    """The first line of a module's docstring."""
    return (importlib.import_module(module).__doc__ or "").strip().partition("\n")[0]


def events() -> str:
    rows = []
    for key, event in registry.own_events().items():
        words = event.message(event.example)
        told = ", ".join(group.value for group in event.audience)
        rows.append([f"`{key}`", says(f"core.notifications.events.{key}"), told, words.subject, words.text])
    return table(["Event", "When", "Who is told", "Subject", "Message"], rows)


def channels() -> str:
    rows = [
        [f"`{key}`", says(type(channel).__module__), f"`{channel.no_address}`"]
        for key, channel in registry.channels().items()
    ]
    return table(["`notification_type`", "What it is", "Reason when the person cannot be reached"], rows)


def reasons() -> str:
    rows = []
    for reason in REASONS:
        codes = ", ".join([*(f"`{code}`" for code in reason.codes), *filter(None, [reason.others])])
        rows.append([codes, ", ".join(f"`{status}`" for status in reason.statuses), reason.by, reason.meaning])
    return table(["`error`", "Status", "Decided by", "Meaning"], rows)


def actions() -> str:
    rows = []
    for name in ACTIONS:
        transition = TRANSITIONS[name]
        who = [part.value for part in Who if part in transition.who]
        who += [f"{part.value} while it is `NEW`" for part in transition.while_new]
        target = f"`{transition.target.value}`" if transition.target else BY_VERB.get(name, "stays")
        within = f", within {transition.within.days} days" if transition.within else ""
        rows.append([f"`{name}`", " or ".join(who), sources(transition.sources) + within, target])
    return table(["Action", "Who", "From", "To"], rows)


def sources(statuses: frozenset[Status]) -> str:
    if statuses == EVERY:
        return "any"
    if statuses == EVERY - FINAL:
        return "any but `CLOSED`, `CANCELLED`"
    return ", ".join(f"`{status.value}`" for status in Status if status in statuses)


def retries() -> str:
    rows = [[str(number), human(wait), span(wait)] for number, wait in enumerate(BACKOFF, start=1)]
    return table(["Failed attempts", "Next one after", "With jitter"], rows)


def span(wait: timedelta) -> str:
    return f"{human(wait * (1 - JITTER))} to {human(wait * (1 + JITTER))}"


def human(wait: timedelta) -> str:
    seconds = wait.total_seconds()
    for size, unit in ((3600, "h"), (60, "min")):
        if seconds >= size:
            return f"{seconds / size:g} {unit}"
    return f"{seconds:g} s"


def environment() -> str:
    """The settings as .env.example lists them: a comment, then `#NAME=default`."""
    rows, said = [], ""
    for line in (root() / ".env.example").read_text(encoding="utf-8").splitlines():
        if found := SETTING.match(line):
            default = f"`{found['default']}`" if found["default"] else ""
            rows.append([f"`{found['name']}`", default, said])
        elif line.startswith("# ") and not line.startswith("# ---"):
            said = line.removeprefix("# ")
    return table(["Setting", "Default", "What it says"], rows)


TABLES: dict[str, Callable[[], str]] = {
    "events": events,
    "channels": channels,
    "reasons": reasons,
    "actions": actions,
    "retries": retries,
    "settings": environment,
}
