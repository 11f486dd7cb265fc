"""A row in the words and with the link its channel needs; with those that it carries, in words for all of them."""

from dataclasses import replace

from django.conf import settings

from core.models import DeliveryAttempt, NotificationLog
from core.notifications import letters, registry
from core.notifications.message import Line, Message, Outgoing, Words, in_words

DIGEST: Words = {
    "en": Message("{count} notifications: {number} and more", "{count} notifications have come together for you:"),
    "de": Message("{count} Benachrichtigungen: {number} und weitere", "{count} Benachrichtigungen für Sie:"),
    "es": Message("{count} notificaciones: {number} y más", "Se han reunido {count} notificaciones para usted:"),
    "ko": Message("알림 {count}개: {number} 외", "회원님의 알림 {count}개를 모았습니다:"),
}


def outgoing(row: NotificationLog, attempt: DeliveryAttempt) -> Outgoing:
    """What is to be sent for a row."""
    message = Outgoing(
        delivery_id=row.pk,
        attempt_id=attempt.pk,
        recipient_id=row.recipient_id,
        locale=row.recipient.locale,
        event=row.event,
        resource=f"{row.resource_type}-{row.resource_id}",
        number=(row.ticket_snapshot or {}).get("number", ""),
        subject=row.subject,
        text=row.message,
        link=link(row),
        created_at=row.created_at,
    )
    if letter := letters.LETTERS.get(row.event):
        return letter.complete(message, row.recipient)
    return said_together(message, row) if row.crew else message


def link(row: NotificationLog) -> str:
    """A delivery's own link, which shows its notification to whoever holds it."""
    return f"{settings.PUBLIC_URL}/n/{row.link_key}/"


def said_together(message: Outgoing, row: NotificationLog) -> Outgoing:
    """The message of a carrier: the event's own words for many, or those of a digest; and each in a line."""
    rows = sorted([row, *row.crew], key=lambda one: one.pk)
    first = rows[0]
    numbers = [one.ticket_snapshot["number"] for one in rows if one.ticket_snapshot]
    facts = {
        "count": len(rows),
        "number": numbers[0] if numbers else first.subject,
        "title": (first.ticket_snapshot or {}).get("title", ""),
        "actor": (first.actor or {}).get("full_name", ""),
    }
    lines = tuple(Line(one.subject, one.message, link(one), one.created_at) for one in rows)
    alike = {(one.event, one.resource_type, one.resource_id) for one in rows}
    words = registry.events()[row.event].together
    if words and len(alike) == 1:
        said = in_words(words, message.locale, **facts)
        return replace(message, subject=said.subject, text=said.text, lines=lines)
    said = in_words(DIGEST, message.locale, **facts)
    resource = f"digest-{row.recipient_id}"
    return replace(message, subject=said.subject, text=said.text, lines=lines, resource=resource, number="")
