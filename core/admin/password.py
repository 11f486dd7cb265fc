"""An admin's own password, changed at /admin/password_change/."""

from typing import Any

from django.contrib import admin
from django.contrib.admin.forms import AdminPasswordChangeForm
from django.contrib.auth.views import PasswordChangeView
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.urls import reverse

from core.actions import accounts
from core.admin.throttle import counted
from core.models import User


class OwnPasswordForm(AdminPasswordChangeForm):
    def __init__(self, *args: Any, request: HttpRequest, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.request = request

    def clean_old_password(self) -> str:
        """Wrong ones count as failed sign-ins: an open browser must not become a way to guess."""
        with counted(self.request, user=self.user, name=self.user.username):
            return super().clean_old_password()

    def save(self, commit: bool = True) -> User:
        account: User = super().save(commit=False)
        accounts.save(account=account, fields=["password"])
        return account


class OwnPasswordView(PasswordChangeView):
    form_class = OwnPasswordForm

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"request": self.request}


def change_own_password(request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponseBase:
    """What AdminSite.password_change does, with our form."""
    view = OwnPasswordView.as_view(
        success_url=reverse("admin:password_change_done"),
        extra_context=admin.site.each_context(request) | (extra_context or {}),
    )
    return view(request)
