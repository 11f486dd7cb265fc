"""All routes: the admin site, the API, the webhooks, and the pages with what nobody else serves."""

from django.contrib import admin
from django.urls import include, path

urlpatterns = [
    path("admin/", admin.site.urls),
    path("api/", include("core.urls_api")),
    path("api/", include("core.urls_others")),
    path("webhooks/", include("core.urls_webhooks")),
    path("", include("core.urls_pages")),
]
