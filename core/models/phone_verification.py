"""The code that was sent to somebody's phone, to see whether the number is theirs."""

from django.db import models

from core.models.user import User


class PhoneVerification(models.Model):
    """One at a time for each person. The code is made from `nonce` and a secret when it is sent, and never kept.

    `tries` have failed so far.
    """

    user = models.OneToOneField(User, on_delete=models.CASCADE, primary_key=True, related_name="phone_verification")
    phone_number = models.CharField(max_length=16)
    nonce = models.CharField(max_length=32)
    tries = models.PositiveSmallIntegerField(default=0)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"phone verification of user {self.pk}"
