"""Passwords typed at the admin site, under the same throttle as the API's."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.core.exceptions import ValidationError
from django.http import HttpRequest

from core.actions.login_throttle import TooManyAttempts, take_place
from core.addresses import client_address
from core.models import User


@contextmanager
def counted(request: HttpRequest, *, user: User | None, name: str) -> Iterator[None]:
    """Count one try before the password is looked at; a ValidationError within says that it was wrong."""
    try:
        place = take_place(user=user, name=name, address=client_address(request))
    except TooManyAttempts as error:
        raise ValidationError("Too many attempts. Try again later.", code="throttled") from error
    try:
        yield
    except ValidationError:
        place.failed()
        raise
    place.succeeded()
