"""What somebody wants to be told, where, and when."""

from django.db import models

from core.models.user import User, validate_timezone


class Preference(models.Model):
    """Without a row: everything, everywhere, at once.

    `off` is `{channel: [event, …]}`; the event "*" is every event, those to come included, and with "!" nothing goes
    there in the place of another channel either. From `quiet_start` to
    `quiet_end`, wall clock in `quiet_timezone`, what is not critical waits.
    """

    class Digest(models.TextChoices):
        OFF = "off"
        HOURLY = "hourly"
        DAILY = "daily"

    user = models.OneToOneField(User, on_delete=models.CASCADE, primary_key=True, related_name="preference")
    off = models.JSONField(default=dict, blank=True)
    quiet_start = models.TimeField(null=True, blank=True)
    quiet_end = models.TimeField(null=True, blank=True)
    quiet_timezone = models.CharField(max_length=64, blank=True, validators=[validate_timezone])
    digest = models.CharField(max_length=16, choices=Digest.choices, default=Digest.OFF)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints = [
            models.CheckConstraint(name="digest_known", condition=models.Q(digest__in=["off", "hourly", "daily"])),
            models.CheckConstraint(
                name="quiet_from_and_to",
                condition=models.Q(quiet_start=None, quiet_end=None)
                | models.Q(quiet_start__isnull=False, quiet_end__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"preferences of user {self.pk}"
