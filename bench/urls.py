"""The product's routes, and the bare views beside them."""

from django.urls import URLPattern, URLResolver, include, path
from rest_framework.routers import SimpleRouter

from bench.bare import BareNotifications, BareTickets

router = SimpleRouter()
router.register("tickets", BareTickets, basename="bare-tickets")
router.register("notifications", BareNotifications, basename="bare-notifications")

urlpatterns: list[URLPattern | URLResolver] = [
    path("bare/", include(router.urls)),
    path("", include("Management.urls")),
]
