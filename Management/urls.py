"""All routes; core/urls.py holds them."""

from core.urls import urlpatterns

__all__ = ["urlpatterns"]
