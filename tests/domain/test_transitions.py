"""The table of transitions against the contract's: every action, part and status."""

from datetime import UTC, datetime, timedelta
from itertools import product

import pytest

from core.domain.errors import InvalidTransition, NotAllowed
from core.domain.transitions import ACTIONS, BY_ITSELF, Part, allowed_actions, require_may, require_state
from core.models import Role, Status, Ticket

ADMIN, CREATOR, ASSIGNEE, ANYONE = "ADMIN", "the creator", "an assigned DEVELOPER", "who sees it"
ALIVE = set(Status) - {Status.CLOSED, Status.CANCELLED}
NOW = datetime(2026, 1, 30, 12, 0, tzinfo=UTC)
REOPENED_WITHIN = timedelta(days=14)

# As CONTRACT §2 says it: action → who, from, to (None: the status stays, or depends).
CONTRACT: dict[str, tuple[set[str], set[Status], Status | None]] = {
    "open_ticket": ({ADMIN}, {Status.NEW}, Status.OPEN),
    "assign": ({ADMIN}, ALIVE, None),
    "start_work": ({ASSIGNEE}, {Status.OPEN, Status.ON_HOLD}, Status.IN_PROGRESS),
    "finish_work": ({ASSIGNEE}, {Status.IN_PROGRESS}, Status.RESOLVED),
    "approve": ({CREATOR}, {Status.RESOLVED}, Status.CLOSED),
    "reject": ({CREATOR}, {Status.RESOLVED}, Status.IN_PROGRESS),
    "hold": ({ASSIGNEE, ADMIN}, {Status.IN_PROGRESS, Status.OPEN}, Status.ON_HOLD),
    "resume": ({ASSIGNEE, ADMIN}, {Status.ON_HOLD}, None),
    "reopen": ({CREATOR, ADMIN}, {Status.CLOSED}, Status.OPEN),
    "cancel": ({ADMIN}, ALIVE, Status.CANCELLED),  # and the creator while it is NEW
    "add_comment": ({ANYONE}, set(Status), None),
    "watch": ({ANYONE}, set(Status), None),
    "unwatch": ({ANYONE}, set(Status), None),
    "mute": ({ANYONE}, set(Status), None),
    "unmute": ({ANYONE}, set(Status), None),
}
PARTS = [Part(role, *flags) for role, *flags in product(Role, (False, True), (False, True))]
every_part = pytest.mark.parametrize("part", PARTS, ids=str)
every_status = pytest.mark.parametrize("status", Status)


def plays(part: Part) -> set[str]:
    """What somebody is to a ticket, in the contract's words."""
    applies = {
        ADMIN: part.role == Role.ADMIN,
        CREATOR: part.is_creator,
        ASSIGNEE: part.is_assignee and part.role == Role.DEVELOPER,
        ANYONE: True,
    }
    return {who for who, does in applies.items() if does}


def may(action: str, status: Status, part: Part) -> bool:
    creator_cancels = action == "cancel" and status == Status.NEW and part.is_creator
    return creator_cancels or not CONTRACT[action][0].isdisjoint(plays(part))


def ticket_in(status: Status, *, closed: timedelta = timedelta()) -> Ticket:
    return Ticket(status=status, closed_at=NOW - closed if status == Status.CLOSED else None)


def test_the_table_has_the_actions_of_the_contract() -> None:
    assert list(CONTRACT) == ACTIONS


@every_part
@every_status
def test_an_action_is_accepted_exactly_when_the_contract_says_so(status: Status, part: Part) -> None:
    ticket, accepted = ticket_in(status), []
    for action, (_, sources, target) in CONTRACT.items():
        if not may(action, status, part):
            with pytest.raises(NotAllowed):
                require_may(action, status, part)
            continue
        require_may(action, status, part)
        if status in sources:
            accepted.append(action)
            assert require_state(action, ticket, part, NOW).target == target
            continue
        with pytest.raises(InvalidTransition) as refused:
            require_state(action, ticket, part, NOW)
        assert (refused.value.code, refused.value.status) == ("invalid_transition", status)
        assert refused.value.allowed_actions == allowed_actions(ticket, part, NOW)
        assert refused.value.detail == f"Cannot {action} a ticket that is {status.value}."
    assert allowed_actions(ticket, part, NOW) == accepted


@every_status
def test_what_time_does_is_done_to_resolved_tickets_and_by_nobody_else(status: Status) -> None:
    for part in PARTS:
        with pytest.raises(NotAllowed):
            require_may("auto_close", status, part)
    require_may("auto_close", status, BY_ITSELF)
    if status == Status.RESOLVED:
        assert require_state("auto_close", ticket_in(status), BY_ITSELF, NOW).target == Status.CLOSED
    else:
        with pytest.raises(InvalidTransition):
            require_state("auto_close", ticket_in(status), BY_ITSELF, NOW)


def test_what_was_closed_too_long_ago_is_not_reopened() -> None:
    creator = Part(Role.CLIENT, is_creator=True, is_assignee=False)
    last_moment = ticket_in(Status.CLOSED, closed=REOPENED_WITHIN)
    assert "reopen" in allowed_actions(last_moment, creator, NOW)
    require_state("reopen", last_moment, creator, NOW)
    too_late = ticket_in(Status.CLOSED, closed=REOPENED_WITHIN + timedelta(microseconds=1))
    with pytest.raises(InvalidTransition) as refused:
        require_state("reopen", too_late, creator, NOW)
    assert "reopen" not in refused.value.allowed_actions
    assert refused.value.detail == "Cannot reopen a ticket that was closed more than 14 days ago."


@every_status
def test_nobody_but_an_admin_moves_a_ticket_without_a_part_in_it(status: Status) -> None:
    for role in (Role.DEVELOPER, Role.CLIENT):
        watcher = Part(role, is_creator=False, is_assignee=False, is_watcher=True)
        assert allowed_actions(ticket_in(status), watcher, NOW) == [
            name for name, (who, _, _) in CONTRACT.items() if who == {ANYONE}
        ]


def test_every_status_can_be_reached_and_all_but_one_left() -> None:
    assert {target for _, _, target in CONTRACT.values()} - {None} == set(Status) - {Status.NEW}
    moving = [sources for _, sources, target in CONTRACT.values() if target]
    assert set().union(*moving) == set(Status) - {Status.CANCELLED}
