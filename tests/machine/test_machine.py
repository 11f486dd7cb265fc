"""Random sequences of actions by several people through the API do exactly what a small model says."""

from collections import Counter
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from core.actions import sessions
from core.models import Feed, NotificationLog, Status, TicketHistory, User
from core.models import Ticket as Stored
from core.notifications import registry
from tests.conftest import person as make_person
from tests.machine.model import DEVELOPERS, ROLES, TARGETS, Ticket, Told
from tests.openapi import ApiClient

URL = "/api/tickets/"
REASON = "Because of the holidays."
people = st.sampled_from(sorted(ROLES))
teams = st.lists(st.sampled_from(DEVELOPERS), min_size=1, max_size=2, unique=True)
sometimes = st.integers(0, 9).map(lambda number: number == 0)
STEPS = (*TARGETS, "resume")
WHOLE_LIFE = [  # every step once: blindly drawn ones seldom lead past OPEN
    *("open_ticket", "assign", "update", "start_work", "hold", "resume", "finish_work", "reject"),
    *("finish_work", "approve", "reopen", "cancel"),
]
LIFE = [*(action for action in STEPS if action != "cancel"), "assign", "update"]
BODIES = {action: {"comment": REASON} for action in ("reject", "hold", "reopen", "cancel")}
MOST = 3  # tickets in one example


class Tickets(RuleBasedStateMachine):
    """Each example is one transaction, which is rolled back."""

    accepted_so_far: Counter[str] = Counter()  # of all examples together

    def __init__(self) -> None:
        super().__init__()
        self.transaction = transaction.atomic()
        self.transaction.__enter__()
        self.users = {name: make_person(name, role, at) for at, (name, role) in enumerate(ROLES.items(), start=1)}
        self.names = {user.pk: name for name, user in self.users.items()}
        self.clients = {name: signed_in(user) for name, user in self.users.items()}
        self.model: dict[int, Ticket] = {}
        self.inbox: Counter[Told] = Counter()

    def teardown(self) -> None:
        transaction.set_rollback(True)
        self.transaction.__exit__(None, None, None)

    # --- Actions ---------------------------------------------------------------------------------

    @initialize(data=st.data(), left_out=st.integers(0, len(WHOLE_LIFE)))
    def a_ticket_has_a_past(self, data: st.DataObject, left_out: int) -> None:
        self.create("cleo")
        (key,) = self.model
        for action in WHOLE_LIFE[: len(WHOLE_LIFE) - left_out]:
            self.act(data, action, key, data.draw(st.sampled_from(self.allowed(key, action))))

    @precondition(lambda self: len(self.model) < MOST)
    @rule(creator=st.sampled_from(["cleo", "carl", "ada"]))
    def create(self, creator: str) -> None:
        response = self.clients[creator].post(URL, {"title": "Blank page", "description": "Since this morning."})
        assert response.status_code == 201
        ticket = Ticket(creator)
        ticket.history.append((creator, "create", "", Status.NEW))
        self.inbox += ticket.tell(creator, "ticket_created", ("admin",))
        self.model[response.json()["id"]] = ticket

    @rule(who=st.sampled_from(DEVELOPERS))
    def create_as_somebody_who_may_not(self, who: str) -> None:
        assert self.clients[who].post(URL, {"title": "No", "description": "No"}).status_code == 403

    @precondition(lambda self: self.model)
    @rule(data=st.data(), steps=st.integers(3, 9))
    def life_goes_on(self, data: st.DataObject, steps: int) -> None:
        """Some allowed steps of one ticket: blindly drawn ones seldom lead past OPEN."""
        key = self.any_ticket(data)
        for _ in range(steps):
            action = data.draw(st.sampled_from([action for action in LIFE if self.allowed(key, action)] or [""]))
            if action:
                self.act(data, action, key, data.draw(st.sampled_from(self.allowed(key, action))))

    @precondition(lambda self: self.model)
    @rule(data=st.data(), who=people, action=st.sampled_from([*STEPS, "assign", "update"]), stale=sometimes)
    def step_by_anybody(self, data: st.DataObject, who: str, action: str, stale: bool) -> None:
        self.act(data, action, self.any_ticket(data), who, stale=stale)

    @precondition(lambda self: self.model)
    @rule(data=st.data(), who=people, mentioned=st.sets(people, max_size=2), internal=st.booleans())
    def comment(self, data: st.DataObject, who: str, mentioned: set[str], internal: bool) -> None:
        key = self.any_ticket(data)
        words = " ".join(["Which browser?", *(f"@{name}" for name in sorted(mentioned))])
        ticket = self.model[key]
        forbidden = internal and who in ("cleo", "carl") and ticket.seen_by(who)
        response = self.call(key, who, "add_comment", {"comment": words, "is_internal": internal})
        assert response.status_code == (403 if forbidden else ticket.refusal(who, "add_comment") or 201)
        if response.status_code == 201:
            self.inbox += ticket.comment(who, mentioned, internal=internal)

    @precondition(lambda self: self.model)
    @rule(data=st.data(), who=people, action=st.sampled_from(["watch", "unwatch", "mute", "unmute"]))
    def follow(self, data: st.DataObject, who: str, action: str) -> None:
        key = self.any_ticket(data)
        ticket = self.model[key]
        visible = ticket.seen_by(who)
        assert self.call(key, who, action, {}).status_code == (200 if visible else 404)
        if visible:
            names = ticket.muted if "mute" in action else ticket.watchers
            names.discard(who) if action.startswith("un") else names.add(who)

    @precondition(lambda self: self.model)
    @rule(data=st.data(), who=people, action=st.sampled_from(["cancel", "cancel", "delete"]), sure=st.booleans())
    def life_ends(self, data: st.DataObject, who: str, action: str, sure: bool) -> None:
        if sure:
            self.act(data, action, self.any_ticket(data), who)

    def act(self, data: st.DataObject, action: str, key: int, who: str, *, stale: bool = False) -> None:
        """Call it, and when the model says so it has happened."""
        ticket = self.model[key]
        body: dict[str, Any] = dict(BODIES.get(action, {}))
        team = data.draw(teams) if action == "assign" else []
        if team:
            body = {"assigned_to": [self.users[name].pk for name in team]}
        if action == "update":
            body = {"title": f"Words {ticket.version + 1}"}
        if not self.accepted(key, who, action, body, stale=stale):
            return
        self.accepted_so_far[action] += 1
        if team:
            self.inbox += ticket.assign(who, team)
        elif action in STEPS:
            self.inbox += ticket.move(who, action)
        else:
            ticket.write(who, action, ticket.status)
            ticket.deleted = action == "delete"

    def allowed(self, key: int, action: str) -> list[str]:
        return [who for who in ROLES if self.model[key].refusal(who, action) is None]

    def any_ticket(self, data: st.DataObject) -> int:
        return data.draw(st.sampled_from(sorted(self.model)))

    # --- What always holds -----------------------------------------------------------------------

    @invariant()
    def tickets_are_as_the_model_says(self) -> None:
        for key, ticket in self.model.items():
            stored = Stored.objects.get(pk=key)
            assert (stored.status, stored.version) == (ticket.status, ticket.version)
            assert (stored.deleted_at is not None) == ticket.deleted
            team = {self.names[pk] for pk in stored.assignments.values_list("user_id", flat=True)}
            assert team == set(ticket.assignees)

    @invariant()
    def history_is_complete(self) -> None:
        for key, ticket in self.model.items():
            rows = TicketHistory.objects.filter(ticket=key).order_by("version")
            found = list(rows.values_list("actor__username", "action", "from_status", "to_status"))
            assert found == ticket.history

    @invariant()
    def exactly_the_right_people_were_told(self) -> None:
        rows = NotificationLog.objects.values_list("recipient__username", "event", "reason", "notification_type")
        channels = registry.channels()
        assert Counter(rows) == Counter({(*told, key): n for told, n in self.inbox.items() for key in channels})

    @invariant()
    def inboxes_have_no_gaps(self) -> None:
        heard = Counter(name for name, _, _ in self.inbox.elements())
        for feed in Feed.objects.all():
            assert feed.top_seq == heard[self.names[feed.pk]]

    # --- Calls -----------------------------------------------------------------------------------

    def accepted(self, key: int, who: str, action: str, body: dict[str, Any], *, stale: bool = False) -> bool:
        """Call; the answer must be what the model says. Whether it succeeded."""
        ticket = self.model[key]
        refusal = ticket.refusal(who, action, stale=stale)
        response = self.call(key, who, action, body, version=ticket.version + (1 if stale else 0))
        assert response.status_code == (refusal or (204 if action == "delete" else 200)), response.content
        return refusal is None

    def call(self, key: int, who: str, action: str, body: dict[str, Any], version: int | None = None) -> Any:
        client, where = self.clients[who], f"{URL}{key}/"
        headers = {} if version is None else {"If-Match": f'"{version}"'}
        if action == "update":
            return client.patch(where, body, headers=headers)
        if action == "delete":
            return client.delete(where, headers=headers)
        return client.post(f"{where}{action}/", body or None, headers=headers)


def signed_in(user: User) -> ApiClient:
    client = ApiClient()
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {sessions.start(user=user).access}")
    return client


@pytest.mark.timeout(240)
@pytest.mark.django_db
def test_the_api_does_what_the_model_says() -> None:
    Tickets.accepted_so_far.clear()
    run_state_machine_as_test(
        Tickets,
        settings=settings(
            max_examples=20,
            stateful_step_count=30,
            deadline=None,
            phases=[Phase.generate],  # making a failure smaller would take minutes
            database=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
    # Else it has shown nothing of them.
    assert {*STEPS, "assign", "update"} <= set(Tickets.accepted_so_far), Tickets.accepted_so_far
