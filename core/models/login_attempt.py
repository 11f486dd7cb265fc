"""Sign-in attempts that failed or are under way, for throttling."""

from django.db import models


class LoginAttempt(models.Model):
    """Reserved before the password is looked at and removed on success, so parallel guesses count too.

    `account` is a keyed hash: people type passwords into the name field.
    """

    account = models.CharField(max_length=64)
    address = models.GenericIPAddressField()
    at = models.DateTimeField()

    class Meta:
        indexes = [
            models.Index(fields=["account", "address", "at"], name="login_by_account"),
            models.Index(fields=["address", "at"], name="login_by_address"),
            models.Index(fields=["at"], name="login_by_time"),
        ]

    def __str__(self) -> str:
        return f"attempt at {self.at:%Y-%m-%d %H:%M:%S}"
