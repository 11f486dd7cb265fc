"""Routes of the pages, probes and metrics; last, what nobody serves under /api/."""

from django.urls import path, re_path

from core.views import errors, health, mail_reports, metrics, pages, password_page, previews, unsubscribe

urlpatterns = [
    path("", pages.home, name="home"),
    path("dev/outbox/", pages.outbox, name="outbox"),
    path("dev/emails/", previews.emails, name="previews"),
    path("account/password/", password_page.password, name="password"),
    path("unsubscribe/<str:token>/", unsubscribe.stop, name="unsubscribe"),
    path("webhooks/anymail/<slug:esp>/tracking/", mail_reports.reports, name="mail-reports"),
    path("n/<slug:key>/", pages.notification, name="notification"),
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
    path("metrics", metrics.metrics, name="metrics"),
    # Also with DEBUG, whose own 404 is an HTML page. A path without its last slash ends here too.
    re_path(r"^api/", errors.api_not_found, name="api_not_found"),
]
