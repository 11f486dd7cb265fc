"""The admin site's own sign-in, under the same throttle as the API's."""

from typing import Any

from django.contrib.admin.forms import AdminAuthenticationForm
from django.core.exceptions import ValidationError

from core.actions.login_throttle import TooManyAttempts, take_place
from core.addresses import client_address
from core.models import User


class LoginForm(AdminAuthenticationForm):
    def clean(self) -> dict[str, Any]:
        """Count the try before the password is looked at."""
        if self.request is None:
            raise TypeError("The sign-in form needs the request: it counts by address.")
        name = self.cleaned_data.get("username", "")
        user = User.objects.filter(username=name).first()
        try:
            place = take_place(user=user, name=name, address=client_address(self.request))
        except TooManyAttempts as error:
            raise ValidationError("Too many attempts. Try again later.", code="throttled") from error
        try:
            cleaned: dict[str, Any] = super().clean()
        except ValidationError:
            place.failed()
            raise
        place.succeeded()
        return cleaned
