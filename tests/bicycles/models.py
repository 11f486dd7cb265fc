"""Bicycles that people lend each other."""

from django.conf import settings
from django.db import models


class Bicycle(models.Model):
    """`trips`: how often it has come back."""

    name = models.CharField(max_length=60)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    borrower = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    trips = models.PositiveIntegerField(default=0)

    def __str__(self) -> str:
        return self.name
