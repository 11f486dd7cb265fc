"""Who is in the conversations that are talked in just now, as this process knows it until the watch looks again."""

from collections.abc import Collection
from concurrent.futures import ThreadPoolExecutor

from core.actions import members
from core.actions.members import Members
from core.socket_auth import in_database


class Rooms:
    """Shared by all sockets of a process: what many of them ask is found once, for some seconds."""

    def __init__(self) -> None:
        self._known: dict[int, Members] = {}

    async def members(self, conversation_id: int) -> Members:
        """Nobody, when there is no such conversation."""
        if conversation_id not in self._known:
            found = await in_database(find, {conversation_id})
            self._known |= found
        return self._known[conversation_id]

    def forget(self) -> None:
        """From now on the database is asked."""
        self._known = {}

    async def find(self, ids: Collection[int], threads: ThreadPoolExecutor) -> None:
        """The members of all these at once."""
        if ids:
            found = await in_database(find, ids, threads=threads)
            self._known |= found


def find(ids: Collection[int]) -> dict[int, Members]:
    return {key: {} for key in ids} | members.of_each(ids)


rooms = Rooms()
