"""/api/…"""

from django.urls import include, path
from drf_spectacular.views import SpectacularAPIView
from rest_framework.routers import SimpleRouter

from core.views.answers import AnswerViewSet, QuestionAnswers
from core.views.attachments import AttachmentDetail, AttachmentDownload, Attachments
from core.views.conversations import ConversationDetail, ConversationRead, Conversations, MessageDetail, Messages
from core.views.deliveries import Retry, TestNotification
from core.views.docs import Docs
from core.views.jobs import TaskRows, TaskViewSet
from core.views.notifications import NotificationLogViewSet
from core.views.polling import Changes, State
from core.views.preferences import Preferences
from core.views.questions import QuestionViewSet
from core.views.stream import NotificationStream
from core.views.ticket_bulk import TicketBulk
from core.views.ticket_notifications import TicketDecisions, TicketNotifications
from core.views.ticket_stats import TicketStats
from core.views.ticket_transfers import TicketExport, TicketImport
from core.views.tickets import TicketViewSet
from core.views.users import UserViewSet

router = SimpleRouter()
router.register("tickets", TicketViewSet, basename="ticket")
router.register("notifications", NotificationLogViewSet, basename="notification")
router.register("tasks", TaskViewSet, basename="task")
router.register("questions", QuestionViewSet, basename="question")
router.register("answers", AnswerViewSet, basename="answer")
router.register("users", UserViewSet, basename="user")

ATTACHMENTS = "tickets/<int:pk>/attachments/"

urlpatterns = [
    path("auth/", include("core.urls_auth")),
    path("schema/", SpectacularAPIView.as_view(), name="schema"),
    path("docs/", Docs.as_view(), name="docs"),
    path("conversations/", Conversations.as_view(), name="conversations"),
    path("conversations/<int:pk>/", ConversationDetail.as_view(), name="conversation"),
    path("conversations/<int:pk>/read/", ConversationRead.as_view(), name="conversation-read"),
    path("conversations/<int:pk>/messages/", Messages.as_view(), name="messages"),
    path("conversations/<int:pk>/messages/<int:message>/", MessageDetail.as_view(), name="message"),
    path("notifications/changes/", Changes.as_view(), name="notification-changes"),
    path("notifications/preferences/", Preferences.as_view(), name="notification-preferences"),
    path("notifications/state/", State.as_view(), name="notification-state"),
    path("notifications/stream/", NotificationStream.as_view(), name="notification-stream"),
    path("notifications/test/", TestNotification.as_view(), name="notification-test"),
    path("notifications/<int:pk>/retry/", Retry.as_view(), name="notification-retry"),
    path("tickets/bulk/", TicketBulk.as_view(), name="ticket-bulk"),
    path("tickets/export/", TicketExport.as_view(), name="ticket-export"),
    path("tickets/import/", TicketImport.as_view(), name="ticket-import"),
    path("tasks/<int:pk>/rows/", TaskRows.as_view(), name="task-rows"),
    path(
        "questions/<int:pk>/answers/",
        QuestionAnswers.as_view({"get": "list", "post": "create"}),
        name="question-answers",
    ),
    path("tickets/stats/", TicketStats.as_view(), name="ticket-stats"),
    path("tickets/<int:pk>/decisions/", TicketDecisions.as_view(), name="ticket-decisions"),
    path("tickets/<int:pk>/notifications/", TicketNotifications.as_view(), name="ticket-notifications"),
    path(ATTACHMENTS, Attachments.as_view(), name="attachments"),
    path(f"{ATTACHMENTS}<int:attachment>/", AttachmentDetail.as_view(), name="attachment"),
    path(f"{ATTACHMENTS}<int:attachment>/download/", AttachmentDownload.as_view(), name="attachment-download"),
    *router.urls,
]
