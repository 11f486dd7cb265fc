"""The admin site's own sign-in."""

from typing import Any

from django.contrib.admin.forms import AdminAuthenticationForm

from core.admin.throttle import counted
from core.models import User


class LoginForm(AdminAuthenticationForm):
    def clean(self) -> dict[str, Any]:
        if self.request is None:
            raise TypeError("The sign-in form needs the request: it counts by address.")
        if self.errors:  # no password was looked at, so none was right: nothing may forget the failures before
            return self.cleaned_data
        name = self.cleaned_data["username"]
        with counted(self.request, user=User.objects.filter(username=name).first(), name=name):
            cleaned: dict[str, Any] = super().clean()
        return cleaned
