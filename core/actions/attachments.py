"""Files on tickets. The storage may be far away, so no verb asks it inside its transaction.

A request with an Idempotency-Key is one transaction as a whole, which then does span it (docs/adr/0015).
A file is stored first and its row written then; it is taken away again when there is no row.
"""

from functools import partial
from typing import Any
from uuid import uuid4

from django.core.files import File
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import transaction
from django.db.models import Count, Sum

from core.actions.step import Step
from core.domain.errors import NotAllowed, NotVisible
from core.domain.transitions import FINAL, wrong_state
from core.files.kinds import content_type_of
from core.files.limits import MAX_FILES, MAX_SIZE, MAX_TOTAL, MEGABYTE, unfit
from core.files.names import clean
from core.models import Attachment, Role, User


def add_attachment(*, actor: User, ticket_id: int, file: File[Any]) -> Attachment:
    """Anyone who sees the ticket adds a file. Writes history, notifies nobody."""
    name = clean(file.name or "")
    content = file.read(MAX_SIZE + 1)
    kind = content_type_of(name, content)
    path = default_storage.save(f"tickets/{ticket_id}/{uuid4().hex}", ContentFile(content))
    try:
        with transaction.atomic():
            step = Step.on(ticket_id, actor)
            _require_room(step, len(content))
            _require_unfinished(step, "attach a file to")
            step.finish("add_attachment", changes={"attachment": [None, name]})
            return Attachment.objects.create(
                ticket=step.ticket,
                uploaded_by=actor,
                name=name,
                content_type=kind,
                size=len(content),
                file=path,
                created_at=step.now,
            )
    except BaseException:
        # Looked up: when the connection breaks while it commits, nobody has said whether it did.
        if not Attachment.objects.filter(ticket=ticket_id, file=path).exists():
            default_storage.delete(path)
        raise


def remove_attachment(*, actor: User, ticket_id: int, attachment_id: int) -> None:
    """Whoever uploaded it, or an admin, takes it away for good. Writes history, notifies nobody."""
    with transaction.atomic():
        step = Step.on(ticket_id, actor)
        attachment = step.ticket.attachments.filter(pk=attachment_id).first()
        if attachment is None:
            raise NotVisible
        if actor.role != Role.ADMIN and attachment.uploaded_by_id != actor.pk:
            raise NotAllowed
        _require_unfinished(step, "remove a file from")
        attachment.delete()
        step.finish("remove_attachment", changes={"attachment": [attachment.name, None]})
        transaction.on_commit(partial(attachment.file.delete, save=False), robust=True)


def _require_room(step: Step, size: int) -> None:
    held = step.ticket.attachments.aggregate(files=Count("pk"), size=Sum("size", default=0))
    if held["files"] >= MAX_FILES:
        raise unfit(f"A ticket has at most {MAX_FILES} files.")
    if held["size"] + size > MAX_TOTAL:
        raise unfit(f"The files of a ticket have at most {MAX_TOTAL // MEGABYTE} MB together.")


def _require_unfinished(step: Step, action: str) -> None:
    """CLOSED and CANCELLED tickets take no files and lose none."""
    if step.ticket.status in FINAL:
        raise wrong_state(action, step.ticket, step.part, step.now)
