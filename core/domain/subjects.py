"""What the rules read of people and tickets; the models have it, and more that is no concern of the rules."""

from datetime import datetime
from typing import Any, Protocol


class Someone(Protocol):
    @property
    def pk(self) -> Any: ...

    @property
    def role(self) -> str: ...


class SomeTicket(Protocol):
    """sla.py reads its clocks, too, by the names that they have there."""

    @property
    def status(self) -> str: ...

    @property
    def priority(self) -> str: ...

    @property
    def closed_at(self) -> datetime | None: ...

    @property
    def paused_at(self) -> datetime | None: ...
