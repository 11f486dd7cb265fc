"""The story: who does what, and who is to be told (CONTRACT §2)."""

from dataclasses import dataclass, field
from random import randrange
from typing import Any

PEOPLE = ("ada", "dan", "dora", "cleo", "carl")
REASON = "The label printer still prints the second label blank."


@dataclass(frozen=True, slots=True)
class Step:
    """`told` are all of PEOPLE who get `event`; nobody else gets anything. `action`: where it is done, below what it
    is about."""

    who: str
    does: str
    event: str
    told: tuple[str, ...]
    action: str = ""
    body: dict[str, Any] = field(default_factory=dict)


def ticket() -> dict[str, str]:
    """What cleo raises; the number in the title tells this run's messages from those of other runs."""
    return {
        "title": f"Label printer {randrange(1000, 10_000)} prints blank labels",  # noqa: S311 - no secret
        "description": "Since this morning every second label is blank. Restarting it did not help.",
        "project_name": "Warehouse",
        "category": "INCIDENT",
        "priority": "HIGH",
    }


def steps(dan: int) -> tuple[Step, ...]:
    """All steps after the ticket was raised."""
    return (
        Step("ada", "opens it", "ticket_opened", ("cleo",), "open_ticket"),
        Step("ada", "assigns dan", "ticket_assigned", ("dan",), "assign", {"assigned_to": [dan]}),
        Step("dan", "starts work", "work_started", ("cleo",), "start_work"),
        Step("cleo", "comments", "comment_added", ("dan",), "add_comment", {"comment": "It is the printer by gate 2."}),
        Step("dan", "finishes", "work_finished", ("cleo", "ada"), "finish_work", {"comment": "New driver installed."}),
        Step("cleo", "rejects", "ticket_rejected", ("ada", "dan"), "reject", {"comment": REASON}),
        Step("dan", "finishes again", "work_finished", ("cleo", "ada"), "finish_work", {"comment": "Head replaced."}),
        Step("cleo", "approves", "ticket_approved", ("ada", "dan"), "approve"),
    )


THANKS = Step(
    "cleo",
    "writes in the ticket's room",
    "message_received",
    ("ada", "dan"),
    "messages",
    {"body": "Every label is black again. Thank you!"},
)
ANSWERED = Step("dan", "answers the question that cleo made of it", "answer_created", ("cleo",))
ANSWER = {"body": "The print head was worn out. Have a second one at hand."}
ANSWER_STEPS = (
    Step("cleo", "accepts the answer", "answer_accepted", ("dan",), "accept"),
    Step("carl", "votes for it", "answer_voted", ("dan",), "vote", {"value": 1}),
)
