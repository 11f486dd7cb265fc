"""/webhooks/…: what providers call."""

from django.urls import path

from core.views.delivery_reports import status
from core.views.inbound import inbound

urlpatterns = [
    path("twilio/status/<int:delivery>/", status, name="twilio-status"),
    path("twilio/inbound/", inbound, name="twilio-inbound"),
]
