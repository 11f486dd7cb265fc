"""What a fake received. A test takes each message it expects; whatever is left makes the test fail."""

from collections.abc import Callable
from threading import Condition
from typing import Generic, Protocol, TypeVar


class Received(Protocol):
    @property
    def to(self) -> str: ...


M = TypeVar("M", bound=Received)
T = TypeVar("T")


class Recorder(Generic[M]):
    """Messages arrive in threads of the fake; tests may wait for them (`within` seconds)."""

    def __init__(self) -> None:
        self._messages: list[M] = []
        self._arrived = Condition()

    def record(self, message: M) -> None:
        with self._arrived:
            self._messages.append(message)
            self._arrived.notify_all()

    @property
    def count(self) -> int:
        """How many messages nobody took yet."""
        return len(self._messages)

    def take(self, to: str, *, within: float = 0) -> M:
        """Return the oldest message to `to`, which is then expected; fail when there is none."""
        found = self._wait(lambda: next((one for one in self._messages if one.to == to), None), within)
        if found is None:
            raise AssertionError(f"nothing for {to}; waiting here: {self._listed() or 'nothing'}")
        with self._arrived:
            self._messages.remove(found)
        return found

    def take_all(self, *, count: int = 0, within: float = 0) -> list[M]:
        """Return everything, oldest first, once at least `count` messages are there."""
        self._wait(lambda: len(self._messages) >= count, within)
        with self._arrived:
            taken, self._messages = self._messages, []
        if len(taken) < count:
            raise AssertionError(f"expected {count} messages, got {len(taken)}: {taken}")
        return taken

    def expect_nothing(self) -> None:
        """Fail, listing them, when there are messages nobody took; forgets them."""
        listed = self._listed()
        with self._arrived:
            self._messages.clear()
        if listed:
            raise AssertionError(f"{type(self).__name__} received what no test expected: {listed}")

    def _wait(self, wanted: Callable[[], T], within: float) -> T:
        with self._arrived:
            return self._arrived.wait_for(wanted, timeout=within)

    def _listed(self) -> str:
        with self._arrived:
            return "".join(f"\n  {message}" for message in self._messages)
