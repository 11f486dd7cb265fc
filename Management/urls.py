"""All routes; core/urls.py holds them."""

from core.urls import urlpatterns

__all__ = ["handler400", "handler403", "handler404", "handler500", "urlpatterns"]

# JSON under /api/, a plain page elsewhere.
handler400 = "core.views.errors.bad_request"
handler403 = "core.views.errors.permission_denied"
handler404 = "core.views.errors.not_found"
handler500 = "core.views.errors.server_error"
