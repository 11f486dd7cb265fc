"""Somebody commented."""

from core.notifications.event import Event, Group, example_change
from core.notifications.message import Message

event = Event(
    key="comment_added",
    audience=(Group.CREATOR, Group.ASSIGNEES, Group.WATCHERS),
    words={
        "en": Message("{number} new comment: {title}", "{actor} commented on ticket: {title}{comment}"),
        "de": Message("{number} neuer Kommentar: {title}", "{actor} hat das Ticket kommentiert: {title}{comment}"),
        "es": Message("{number} nuevo comentario: {title}", "{actor} ha comentado el ticket: {title}{comment}"),
        "ko": Message("{number} 새 댓글: {title}", "{actor} 님이 티켓에 댓글을 남겼습니다: {title}{comment}"),
    },
    example=example_change("comment_added", actor="dan", comment="Which browser do you use?"),
    but=(Group.MENTIONED,),
    together={
        "en": Message("{number} {count} new comments: {title}", "{count} new comments on ticket: {title}"),
        "de": Message("{number} {count} neue Kommentare: {title}", "{count} neue Kommentare zum Ticket: {title}"),
        "es": Message(
            "{number} {count} comentarios nuevos: {title}", "{count} comentarios nuevos en el ticket: {title}"
        ),
        "ko": Message("{number} 새 댓글 {count}개: {title}", "티켓에 새 댓글이 {count}개 있습니다: {title}"),
    },
)
