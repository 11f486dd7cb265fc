"""/api/…"""

from django.urls import include, path
from drf_spectacular.views import SpectacularAPIView
from rest_framework.routers import SimpleRouter

from core.views.docs import Docs
from core.views.notifications import NotificationLogViewSet
from core.views.tickets import TicketViewSet

router = SimpleRouter()
router.register("tickets", TicketViewSet, basename="ticket")
router.register("notifications", NotificationLogViewSet, basename="notification")

urlpatterns = [
    path("auth/", include("core.urls_auth")),
    path("schema/", SpectacularAPIView.as_view(), name="schema"),
    path("docs/", Docs.as_view(), name="docs"),
    *router.urls,
]
