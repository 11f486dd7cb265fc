"""The guide's answers are samples: ids, times and tokens differ each time, everything else does not.

`"…"` is anything, and so is what `…` stands for inside a text, at the end of a list or as a field.
`"<cleo>"` is kept under that name the first time it comes and stands for it from then on.
A sample id is kept in the same way: 42 is the same ticket wherever the guide says 42, INC-000042 or /42/.
"""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

ANY = "…"
ID_FIELDS = {"id", "task_id", "user_id", "resource_id", "assigned_to", "notification_ids"}
ID_FIELDS |= {"question", "accepted_answer_id"}
ID_FIELDS |= {"ids", "read_ids", "unread_ids", "archived_ids"}
ID_FIELDS |= {"conversation", "members", "ticket", "up_to", "read_up_to"}
TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z")
NAME = re.compile(r"<([^<>]+)>")
AHEAD = re.compile(r"in (\d+) (minutes|hours|days)")
NUMBER = re.compile(r"(?P<before>INC-|/|\b(?:ticket|assigned_to|created_by|resource_id|actor)=)(?P<number>\d+)\b")


class Samples:
    """What the names and ids of the guide stand for."""

    def __init__(self, ids: dict[int, int], find: Callable[[str], str]) -> None:
        self.ids, self._find = dict(ids), find
        self.names: dict[str, str] = {}

    # --- What is sent ---

    def real_text(self, text: str) -> str:
        return NAME.sub(lambda found: self._real_name(found[1]), NUMBER.sub(self._real_number, text))

    def real_value(self, value: Any, field: str = "") -> Any:
        if isinstance(value, dict):
            return {name: self.real_value(each, name) for name, each in value.items()}
        if isinstance(value, list):
            return [self.real_value(each, field) for each in value]
        if isinstance(value, str):
            return NAME.sub(lambda found: self._real_name(found[1]), value)
        return self.ids.get(value, value) if field in ID_FIELDS else value

    def _real_name(self, name: str) -> str:
        if ahead := AHEAD.fullmatch(name):
            moment = datetime.now(UTC) + timedelta(**{ahead[2]: int(ahead[1])})
            return moment.isoformat().replace("+00:00", "Z")
        return self.names.get(name) or self._find(name)

    def _real_number(self, found: re.Match[str]) -> str:
        real = str(self.ids.get(int(found["number"]), int(found["number"])))
        return found["before"] + real.zfill(len(found["number"]) if found["before"] == "INC-" else 0)

    # --- What comes ---

    def compare(self, expected: Any, actual: Any, where: str = "$", field: str = "") -> None:
        """Fail, naming the place, unless `actual` is as the guide says."""
        if expected == ANY:
            return
        if isinstance(expected, dict) and isinstance(actual, dict):
            self._compare_fields(expected, actual, where)
        elif isinstance(expected, list) and isinstance(actual, list):
            self._compare_items(expected, actual, where, field)
        elif isinstance(expected, str) and isinstance(actual, str):
            self._compare_texts(expected, actual, where)
        elif type(expected) is int and type(actual) is int and field in ID_FIELDS:
            kept = self.ids.setdefault(expected, actual)
            assert kept == actual, f"{where}: {expected} stands for {kept}, but {actual} came"
        else:
            assert expected == actual, f"{where}: the guide says {expected!r}, but {actual!r} came"

    def _compare_fields(self, expected: dict[str, Any], actual: dict[str, Any], where: str) -> None:
        named = [name for name in expected if name != ANY]  # in their order: the id comes first
        missing = [name for name in named if name not in actual]
        assert not missing, f"{where}: {missing} did not come"
        more = set(actual) - set(named)
        assert ANY in expected or not more, f"{where}: {sorted(more)} came too: {actual}"
        for name in named:
            self.compare(expected[name], actual[name], f"{where}.{name}", name)

    def _compare_items(self, expected: list[Any], actual: list[Any], where: str, field: str) -> None:
        first = expected[:-1] if expected[-1:] == [ANY] else expected
        enough = len(actual) >= len(first) if first is not expected else len(actual) == len(first)
        assert enough, f"{where}: the guide has {len(first)} items, but {len(actual)} came: {actual}"
        for number, item in enumerate(first):
            self.compare(item, actual[number], f"{where}[{number}]", field)

    def _compare_texts(self, expected: str, actual: str, where: str) -> None:
        if name := NAME.fullmatch(expected):
            self.names[name[1]] = actual
        elif TIME.fullmatch(expected):
            assert TIME.fullmatch(actual), f"{where}: {actual!r} is not a time in UTC"
        else:
            pattern = ".*".join(map(re.escape, self.real_text(expected).split(ANY)))
            assert re.fullmatch(pattern, actual, re.DOTALL), f"{where}: the guide says {expected!r}, got {actual!r}"
