"""Every message there is, as it would leave: made from the examples of the events, through the code that sends."""

from dataclasses import replace

from core.models import DeliveryAttempt, NotificationLog, User
from core.models.notification import SYSTEM
from core.notifications import phone_code, registry
from core.notifications.event import Event
from core.notifications.letters import LETTERS, Posted
from core.notifications.message import Outgoing, in_words
from core.notifications.outgoing import outgoing

CODE = "123456"
DIGEST = ("ticket_assigned", "comment_added", "work_finished")


def examples(channel: str, locale: str) -> dict[str, Outgoing]:
    """What somebody with this locale may get on a channel, by name."""
    found = {key: sent(notice(event, locale)) for key, event in registry.events().items()}
    if channel == SYSTEM:
        return found
    many = {key: sent(notice(event, locale), [notice(event, locale)] * 2) for key, event in merged().items()}
    first, *others = (notice(registry.events()[key], locale) for key in DIGEST)
    gathered = {f"{key}, three at once": message for key, message in many.items()} | {"digest": sent(first, others)}
    own = {key: posted(letter, locale) for key, letter in LETTERS.items() if letter.channel == channel}
    return found | gathered | own


def merged() -> dict[str, Event]:
    return {key: event for key, event in registry.events().items() if event.together}


def reader(locale: str) -> User:
    return User(pk=0, username="cleo", first_name="Cleo", last_name="Client", email="cleo@example.com", locale=locale)


def notice(event: Event, locale: str) -> NotificationLog:
    """The row of an event's example."""
    change, said = event.example, event.message(event.example, locale)
    return NotificationLog(
        pk=0,
        recipient=reader(locale),
        event=event.key,
        resource_type=change.about.type,
        resource_id=change.about.id,
        ticket_snapshot=change.ticket.as_dict() if change.ticket else None,
        actor=change.actor.as_dict() if change.actor else None,
        subject=said.subject,
        message=said.text,
        link_key="example",
        created_at=change.at,
    )


def sent(row: NotificationLog, crew: list[NotificationLog] | None = None) -> Outgoing:
    row.crew = crew or []
    return outgoing(row, DeliveryAttempt(pk=0))


def posted(letter: Posted, locale: str) -> Outgoing:
    """A letter with a link that opens nothing, or a code that is nobody's."""
    person = reader(locale)
    said = letter.message(person, "Ada Admin")
    row = notice(next(iter(registry.events().values())), locale)
    row.event, row.subject, row.message, row.ticket_snapshot = letter.key, said.subject, said.text, None
    message = sent(row)
    if message.code == "" and letter is phone_code.PHONE_CODE:
        return replace(message, text=in_words(phone_code.SENT, locale, code=CODE).text, code=CODE)
    return message
