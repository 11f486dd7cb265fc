"""The product's routes, and the bare views beside them."""

from django.urls import URLPattern, URLResolver, include, path
from rest_framework.routers import SimpleRouter

from bench.bare import BareNotifications, BareTickets, Nothing, RawCount, RawUnread

router = SimpleRouter()
router.register("tickets", BareTickets, basename="bare-tickets")
router.register("notifications", BareNotifications, basename="bare-notifications")

urlpatterns: list[URLPattern | URLResolver] = [
    path("bare/", include(router.urls)),
    path("bare/nothing/", Nothing.as_view()),
    path("bare/raw/unread_count/", RawCount.as_view()),
    path("bare/raw/unread/", RawUnread.as_view()),
    path("", include("Management.urls")),
]
