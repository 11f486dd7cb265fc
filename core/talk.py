"""Who is typing and who is there: said on sockets of v2, heard by the other members, and kept nowhere.

Whoever comes into a conversation asks who is there, and everybody who is says so. Being there ends with the socket, or
when it has not been said again for some time; and within seconds for somebody who is no member any more.
"""

import time
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from core.client_frames import Presence, Typing
from core.domain.change import Person
from core.domain.errors import NotVisible, Refused
from core.notifications.frames import presence_frame, talk_heard, typing_frame
from core.notifications.publish import push
from core.rooms import rooms

MOST_SAID = 20  # by one socket, within SAID_WITHIN
SAID_WITHIN = 10.0  # seconds
PRESENT_FOR = 60.0  # seconds; whoever does not say it again has fallen silent
MOST_CONVERSATIONS = 20  # that one socket is present in


class Throttled(Refused):
    code = "throttled"
    detail = f"Say at most {MOST_SAID} such frames in {SAID_WITHIN:.0f} seconds."


class TooManyConversations(Refused):
    code = "too_many_conversations"
    detail = f"You are present in {MOST_CONVERSATIONS} conversations. Leave one first."


@dataclass(slots=True)
class Place:
    """Where somebody is present, until when, and who has to hear that it has gone."""

    me: Person
    others: Collection[int]
    until: float


class Talk:
    """What one socket says in conversations; made when it does for the first time."""

    def __init__(self, user_id: int) -> None:
        self.user_id = user_id
        self.places: dict[int, Place] = {}
        self._said: tuple[float, ...] = ()

    async def say(self, frame: Typing | Presence) -> None:
        """Let the other members hear it. Raise Throttled, NotVisible (no member), TooManyConversations."""
        now = time.monotonic()
        said = tuple(then for then in self._said if then > now - SAID_WITHIN)
        if len(said) >= MOST_SAID:
            raise Throttled
        self._said = (*said, now)
        members = await rooms.members(frame.conversation)
        if self.user_id not in members:
            self.leave(frame.conversation)
            raise NotVisible
        place = Place(members[self.user_id], members.keys() - {self.user_id}, now + PRESENT_FOR)
        if isinstance(frame, Typing):
            tell(place.others, typing_frame(frame.conversation, place.me))
        elif frame.present:
            self.enter(frame.conversation, place)
        else:
            self.leave(frame.conversation)

    def enter(self, conversation: int, place: Place) -> None:
        """Be there, or still be."""
        is_new = conversation not in self.places
        if is_new and len(self.places) >= MOST_CONVERSATIONS:
            raise TooManyConversations
        self.places[conversation] = place
        tell(place.others, presence_frame(conversation, place.me, present=True), asks=is_new)

    def come_back(self) -> None:
        """What was answered is lost, as long as the channel layer did not tell this socket."""
        for conversation, place in self.places.items():
            tell(place.others, presence_frame(conversation, place.me, present=True), asks=True)

    def leave(self, conversation: int) -> dict[str, Any] | None:
        """Be there no more. Return what the others hear, if it was."""
        place = self.places.pop(conversation, None)
        if place is None:
            return None
        frame = presence_frame(conversation, place.me, present=False)
        tell([*place.others, self.user_id], frame)  # last: another socket of this person that is there says so
        return frame

    def leave_all(self) -> None:
        for conversation in list(self.places):
            self.leave(conversation)

    def answer(self, frame: dict[str, Any], *, asks: bool) -> None:
        """Say who is there to somebody who has come, and to all when another socket of this person has gone."""
        place = self.places.get(frame["conversation"])
        if place is None or frame["type"] != "presence":
            return
        here = presence_frame(frame["conversation"], place.me, present=True)
        if frame["user"]["id"] == self.user_id and not frame["present"]:
            tell(place.others, here)
        elif asks:
            tell([frame["user"]["id"]], here)

    async def look_again(self) -> list[dict[str, Any]]:
        """Leave where this person is no member any more, or has fallen silent; return what says so."""
        now = time.monotonic()
        left = []
        for conversation, place in list(self.places.items()):
            members = await rooms.members(conversation)
            place.others = members.keys() - {self.user_id}
            if self.user_id not in members or now > place.until:
                left.append(self.leave(conversation))
        return [frame for frame in left if frame]


def tell(people: Collection[int], frame: dict[str, Any], *, asks: bool = False) -> None:
    push([(user_id, talk_heard(frame, asks=asks)) for user_id in people])
