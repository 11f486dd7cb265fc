"""Files and their rows stay together, whatever goes wrong and however many come at once."""

from collections import Counter
from functools import partial
from io import BytesIO
from pathlib import Path

import pytest
from django.core.files import File
from django.db import OperationalError, transaction

from core.actions import attachments
from core.actions.step import Step
from core.files.limits import MAX_FILES
from core.models import Attachment, Ticket, User
from tests.actions.test_ticket_races import together
from tests.attachments.calls import assert_no_orphans, stored

pytestmark = pytest.mark.django_db(transaction=True)


def add(actor: User, ticket: Ticket) -> Attachment:
    return attachments.add_attachment(actor=actor, ticket_id=ticket.pk, file=File(BytesIO(b"Hello\n"), "notes.txt"))


def test_of_eight_at_once_only_as_many_are_taken_as_there_is_room_for(
    cleo: User, new_ticket: Ticket, storage: Path
) -> None:
    for _ in range(MAX_FILES - 3):
        add(cleo, new_ticket)
    assert together(*[partial(add, cleo, new_ticket)] * 8) == Counter(Attachment=3, Invalid=5)
    assert new_ticket.attachments.count() == MAX_FILES
    assert new_ticket.history.count() == MAX_FILES + 1
    assert_no_orphans(storage)


def test_of_eight_who_remove_it_at_once_one_does(ada: User, new_ticket: Ticket, storage: Path) -> None:
    attached = add(ada, new_ticket)
    remove = partial(attachments.remove_attachment, actor=ada, ticket_id=new_ticket.pk, attachment_id=attached.pk)
    assert together(*[remove] * 8) == Counter(NoneType=1, NotVisible=7)
    assert new_ticket.history.count() == 3
    assert stored(storage) == set()


def test_what_fails_leaves_no_file(
    cleo: User, new_ticket: Ticket, storage: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise OperationalError("server closed the connection unexpectedly")

    monkeypatch.setattr(Step, "finish", broken)
    with pytest.raises(OperationalError):
        add(cleo, new_ticket)
    assert (Attachment.objects.count(), stored(storage)) == (0, set())


def test_what_is_committed_keeps_its_file_though_nobody_heard(
    cleo: User, new_ticket: Ticket, storage: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    leave = transaction.Atomic.__exit__

    def unheard(self: transaction.Atomic, *error: object) -> None:
        leave(self, *error)  # type: ignore[arg-type]
        raise OperationalError("server closed the connection unexpectedly")

    monkeypatch.setattr(transaction.Atomic, "__exit__", unheard)
    with pytest.raises(OperationalError):
        add(cleo, new_ticket)
    monkeypatch.undo()
    assert Attachment.objects.count() == 1
    assert_no_orphans(storage)


def test_a_removal_that_is_rolled_back_keeps_the_file(ada: User, new_ticket: Ticket, storage: Path) -> None:
    attached = add(ada, new_ticket)
    with transaction.atomic():
        attachments.remove_attachment(actor=ada, ticket_id=new_ticket.pk, attachment_id=attached.pk)
        transaction.set_rollback(True)
    assert stored(storage) == {str(attached.file)}
    assert_no_orphans(storage)
