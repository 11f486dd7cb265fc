"""One action on many tickets: each by its ordinary verb, in one transaction with the row that says what came of it."""

from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from typing import Any

from django.db import transaction

from core.actions import tickets
from core.domain.errors import NotAllowed, Refused
from core.exceptions import refusal
from core.jobs.run import Outcome, Run
from core.models import User

VERBS: dict[str, Callable[..., object]] = {
    "open_ticket": tickets.open_ticket,
    "assign": tickets.assign,
    "start_work": tickets.start_work,
    "finish_work": tickets.finish_work,
    "approve": tickets.approve,
    "reject": tickets.reject,
    "hold": tickets.hold,
    "resume": tickets.resume,
    "reopen": tickets.reopen,
    "cancel": tickets.cancel,
    "add_comment": tickets.add_comment,
    "watch": tickets.watch,
    "unwatch": tickets.unwatch,
    "mute": tickets.mute,
    "unmute": tickets.unmute,
}
MOMENTS = ("resolution_due_at", "estimated_resolution_time")  # are texts in a job's `params`


def run(run: Run) -> Outcome:
    """Whatever is no refusal ends the run before this row is written: whoever goes on does the row again."""
    ids, verb = run.params["ids"], VERBS[run.params["action"]]
    fields = {name: moment(value) if name in MOMENTS else value for name, value in run.params["data"].items()}
    for position in range(run.cursor.get("next", 0), len(ids)):
        with suppress(NotAllowed):  # its owner is not who they were: the rows that are left say so, one by one
            run.report(position, len(ids))
        run.give_way()
        with transaction.atomic():
            run.keep({"next": position + 1})
            refused = act(run.owner.pk, verb, ids[position], fields)
            run.row(position, ids[position], is_done=not refused, detail=refused)
    done = run.job.rows.filter(is_done=True).count()
    return Outcome(f"{done} done, {len(ids) - done} refused")


def act(owner_id: int, verb: Callable[..., object], ticket_id: int, fields: dict[str, Any]) -> dict[str, Any]:
    """Call the verb for the owner as they are now; return why it refused, as the action's endpoint says it."""
    owner = User.objects.get(pk=owner_id)
    try:
        if not owner.is_active:
            raise NotAllowed
        verb(actor=owner, ticket_id=ticket_id, **fields)
    except Refused as error:
        return {"detail": error.detail, "code": error.code, **refusal(error).data}
    return {}


def moment(value: str | None) -> datetime | None:
    return datetime.fromisoformat(value) if value else None
