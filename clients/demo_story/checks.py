"""Looks whether exactly the expected people got exactly what they should, on every channel, in time."""

import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from clients.demo_story.person import About, Person, StoryFailed
from clients.demo_story.story import Step

SECONDS = 10.0
CHANNELS = ("EMAIL", "WHATSAPP")
ARRIVED = {"SENT", "DELIVERED", "READ"}
SETTLE = 0.3  # what is too much comes about as fast as what is right


@dataclass(slots=True)
class Receipt:
    """What one person got in one step, as it is printed."""

    username: str
    event: str
    seconds: float
    socket: float
    deliveries: dict[str, str]


@dataclass(slots=True)
class Checker:
    """Remembers what everybody was to get so far, of one thing."""

    people: dict[str, Person]
    about: About
    expected: dict[str, list[str]] = field(default_factory=dict)

    def step(self, step: Step, began: float) -> list[Receipt]:
        """Wait for what the step should bring, then look for what it should not."""
        receipts = []
        for username in step.told:
            self.expected.setdefault(username, []).append(step.event)
            receipts.append(self.wait_for(username, step, began))
        time.sleep(SETTLE)
        self.nothing_else()
        return receipts

    def wait_for(self, username: str, step: Step, began: float) -> Receipt:
        person, count = self.people[username], len(self.expected[username])
        while True:
            inbox, frames = person.inbox(self.about), person.frames_of(self.about)
            row = inbox[count - 1] if len(inbox) >= count else None
            frame = frames[count - 1] if len(frames) >= count else None
            missing = what_is_missing(row, frame)
            if row and frame and not missing:
                now = time.monotonic()
                if row["event"] != step.event or frame[1]["id"] != row["id"]:
                    raise StoryFailed(f"{username} got {row['event']} and frame {frame[1]}, not {step.event}")
                return Receipt(username, row["event"], now - began, frame[0] - began, statuses(row))
            if time.monotonic() - began > SECONDS:
                raise StoryFailed(f"{username} did not get {step.event} within {SECONDS:.0f} s: {', '.join(missing)}")
            time.sleep(0.05)

    def nothing_else(self) -> None:
        """Inbox and socket of all people hold what was expected so far, each thing once."""
        for username, person in self.people.items():
            expected = self.expected.get(username, [])
            found = [row["event"] for row in person.inbox(self.about)]
            frames = [frame["event"] for _, frame in person.frames_of(self.about)]
            if found != expected or frames != expected:
                raise StoryFailed(f"{username} should have {expected}, but has {found}, and on the socket {frames}")


def check_outbox(page: dict[str, Any], title: str, people: dict[str, Person], checkers: Sequence[Checker]) -> None:
    """In demo mode: each message, all of which name the title, lies in the outbox once, where channels end there."""
    found = Counter((m["channel"], m["recipient"]) for m in page["results"] if title in m["subject"] + m["body"])
    for username, person in people.items():
        wanted = sum(len(checker.expected.get(username, [])) for checker in checkers)
        for channel, address in (("EMAIL", person.email), ("WHATSAPP", f"whatsapp:{person.phone}")):
            if channel in page["channels"] and found[channel, address] != wanted:
                got = found[channel, address]
                raise StoryFailed(f"{username}: {got} {channel} messages in the outbox instead of {wanted}")


def what_is_missing(row: dict[str, Any] | None, frame: object) -> Sequence[str]:
    parts = [] if row else ["inbox"]
    parts += [] if frame else ["socket"]
    found = statuses(row) if row else {}
    return parts + [
        f"{channel} ({found.get(channel, 'none')})" for channel in CHANNELS if found.get(channel) not in ARRIVED
    ]


def statuses(row: dict[str, Any]) -> dict[str, str]:
    """Delivery status by channel."""
    return {delivery["notification_type"]: delivery["status"] for delivery in row["deliveries"]}
