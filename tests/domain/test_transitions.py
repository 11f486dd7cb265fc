"""The table of transitions against the contract's: every action, part and status."""

from itertools import product

import pytest

from core.domain.errors import InvalidTransition, NotAllowed
from core.domain.transitions import ACTIONS, Part, allowed_actions, require, require_may
from core.models import Role, Status

ADMIN, CREATOR, ASSIGNEE, ANYONE = "ADMIN", "the creator", "an assigned DEVELOPER", "who sees it"
ALIVE = set(Status) - {Status.CLOSED, Status.CANCELLED}

# As CONTRACT §2 says it: action → who, from, to (None: the status stays).
CONTRACT: dict[str, tuple[str, set[Status], Status | None]] = {
    "open_ticket": (ADMIN, {Status.NEW}, Status.OPEN),
    "assign": (ADMIN, ALIVE, None),
    "start_work": (ASSIGNEE, {Status.OPEN, Status.ON_HOLD}, Status.IN_PROGRESS),
    "finish_work": (ASSIGNEE, {Status.IN_PROGRESS}, Status.RESOLVED),
    "approve": (CREATOR, {Status.RESOLVED}, Status.CLOSED),
    "reject": (CREATOR, {Status.RESOLVED}, Status.IN_PROGRESS),
    "add_comment": (ANYONE, set(Status), None),
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


def test_the_table_has_the_actions_of_the_contract() -> None:
    assert list(CONTRACT) == ACTIONS


@every_part
@every_status
@pytest.mark.parametrize("action", CONTRACT)
def test_an_action_is_accepted_exactly_when_the_contract_says_so(action: str, status: Status, part: Part) -> None:
    who, sources, target = CONTRACT[action]
    if who not in plays(part):
        with pytest.raises(NotAllowed):
            require_may(action, part)
        with pytest.raises(NotAllowed):
            require(action, status, part)
    elif status not in sources:
        require_may(action, part)
        with pytest.raises(InvalidTransition) as refused:
            require(action, status, part)
        assert (refused.value.code, refused.value.status) == ("invalid_transition", status)
        assert refused.value.allowed_actions == allowed_actions(status, part)
        assert refused.value.detail == f"Cannot {action} a ticket that is {status.value}."
    else:
        assert require(action, status, part).target == target


@every_part
@every_status
def test_what_is_said_to_be_allowed_is_accepted_and_nothing_else(status: Status, part: Part) -> None:
    accepted = [name for name, (who, sources, _) in CONTRACT.items() if who in plays(part) and status in sources]
    assert allowed_actions(status, part) == accepted


@every_status
def test_nobody_but_an_admin_moves_a_ticket_without_a_part_in_it(status: Status) -> None:
    for role in (Role.DEVELOPER, Role.CLIENT):
        assert allowed_actions(status, Part(role, is_creator=False, is_assignee=False)) == ["add_comment"]


def test_every_status_on_the_way_can_be_reached_and_left() -> None:
    targets = {target for _, _, target in CONTRACT.values()} - {None}
    assert targets == {Status.OPEN, Status.IN_PROGRESS, Status.RESOLVED, Status.CLOSED}
    moving = [sources for _, sources, target in CONTRACT.values() if target]
    assert set().union(*moving) == ALIVE
