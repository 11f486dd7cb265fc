"""Registers the event, once the models are there."""

from django.apps import AppConfig


class BicyclesConfig(AppConfig):
    name = "tests.bicycles"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from tests.bicycles import events  # noqa: PLC0415 - needs the models, which are not there above

        events.register()
