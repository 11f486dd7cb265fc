"""The one application: tickets, people and their notifications."""

from django.apps import AppConfig


class CoreConfig(AppConfig):
    name = "core"
    verbose_name = "Incident Management"
