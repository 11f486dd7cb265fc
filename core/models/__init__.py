"""Floor 0: what the database holds, one file per subject."""

from core.models.attachment import Attachment
from core.models.attempt import DeliveryAttempt
from core.models.bucket import Bucket
from core.models.choices import (
    AttemptOutcome,
    Category,
    DeliveryStatus,
    Priority,
    Reason,
    Role,
    Status,
)
from core.models.circuit import ChannelCircuit
from core.models.comment import Comment
from core.models.conversation import Conversation, ConversationMessage, ReadMarker, with_last_messages
from core.models.feed import Feed
from core.models.follow import Mute, Watch
from core.models.heartbeat import Heartbeat
from core.models.history import TicketHistory
from core.models.inbound import InboundMessage
from core.models.job import JobRow, JobRun
from core.models.login_attempt import LoginAttempt
from core.models.notification import NotificationLog
from core.models.one_time_ticket import OneTimeTicket
from core.models.outbox import OutboxMessage
from core.models.phone_verification import PhoneVerification
from core.models.preference import Preference
from core.models.question import Answer, Question, Vote
from core.models.question_words import QuestionWords
from core.models.reminder import Reminder
from core.models.session import RefreshToken, Session
from core.models.state_value import StateValue
from core.models.stopped_number import StoppedNumber
from core.models.stored_answer import StoredAnswer
from core.models.suppression import Suppression
from core.models.tag import Tag
from core.models.ticket import Assignment, Ticket
from core.models.ticket_people import with_workers_and_labels
from core.models.ticket_words import TicketWords
from core.models.user import User

__all__ = [
    "Answer",
    "Assignment",
    "Attachment",
    "AttemptOutcome",
    "Bucket",
    "Category",
    "ChannelCircuit",
    "Comment",
    "Conversation",
    "ConversationMessage",
    "DeliveryAttempt",
    "DeliveryStatus",
    "Feed",
    "Heartbeat",
    "InboundMessage",
    "JobRow",
    "JobRun",
    "LoginAttempt",
    "Mute",
    "NotificationLog",
    "OneTimeTicket",
    "OutboxMessage",
    "PhoneVerification",
    "Preference",
    "Priority",
    "Question",
    "QuestionWords",
    "ReadMarker",
    "Reason",
    "RefreshToken",
    "Reminder",
    "Role",
    "Session",
    "StateValue",
    "Status",
    "StoppedNumber",
    "StoredAnswer",
    "Suppression",
    "Tag",
    "Ticket",
    "TicketHistory",
    "TicketWords",
    "User",
    "Vote",
    "Watch",
    "with_last_messages",
    "with_workers_and_labels",
]
