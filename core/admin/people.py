"""People: made, changed and deactivated by the verbs, which end sessions where that must bite at once."""

from typing import Any

from django.contrib import admin, messages
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.contrib.auth.forms import AdminPasswordChangeForm, AdminUserCreationForm, UserChangeForm
from django.http import HttpRequest, HttpResponseRedirect

from core.actions import accounts, users
from core.admin.forms import ChangedOnPage
from core.domain.errors import Refused
from core.models import User

WHATSAPP = ("phone_verified_at", "whatsapp_opted_in", "whatsapp_inbound_at")  # said by whoever has the number
PERSONAL = ("username", "email", "first_name", "last_name", "phone_number", "locale", "timezone")


class CreationForm(AdminUserCreationForm):  # type: ignore[type-arg]  # takes none at runtime
    class Meta:
        model = User
        fields = ("username", "email", "role", "phone_number")


class ChangeForm(ChangedOnPage, UserChangeForm[User]):
    class Meta:
        model = User
        fields = "__all__"


class PasswordForm(AdminPasswordChangeForm):  # type: ignore[type-arg]  # takes none at runtime
    def save(self, commit: bool = True) -> User:
        account: User = super().save(commit=False)
        accounts.save(account=account, fields=["password"])
        return account


@admin.register(User)
class UserAdmin(DjangoUserAdmin[User]):
    form = ChangeForm
    add_form = CreationForm
    change_password_form = PasswordForm
    list_display = ["username", "full_name", "role", "email", "is_active"]
    list_filter = ["role", "is_active"]
    search_fields = ["username", "email", "first_name", "last_name"]
    ordering = ["username"]
    filter_horizontal = []
    fieldsets = [(None, {"fields": [*PERSONAL, "role", "is_active", "password", *WHATSAPP]})]
    add_fieldsets = [(None, {"fields": [*CreationForm.Meta.fields, "usable_password", "password1", "password2"]})]

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Their tickets and history stay, so people are deactivated."""
        return False

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        """Nobody locks themself out."""
        own = ["role", "is_active"] if obj is not None and obj.pk == request.user.pk else []
        return [*own, *WHATSAPP]

    def changeform_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        """What the verb refuses, such as taking the last admin's role, is said on the page."""
        try:
            return super().changeform_view(request, *args, **kwargs)
        except Refused as error:
            self.message_user(request, error.detail, messages.ERROR)
            return HttpResponseRedirect(request.get_full_path())

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        if change:
            accounts.save(account=obj, fields=form.changed_data)
        else:
            users.add(actor=request.user, account=obj)  # type: ignore[arg-type]  # nobody else comes this far
