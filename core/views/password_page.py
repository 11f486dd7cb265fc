"""The page behind the link of a letter: choose a password. For installations without an app that has one."""

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods

from core.actions import password_reset
from core.domain.errors import Invalid
from core.views.pages import protected

LONGEST = 200  # characters of what stands in a link


def secret(autocomplete: str = "new-password") -> forms.PasswordInput:
    return forms.PasswordInput(attrs={"autocomplete": autocomplete})


class PasswordForm(forms.Form):
    new_password = forms.CharField(label="New password", max_length=1024, strip=False, widget=secret())
    again = forms.CharField(label="Once more", max_length=1024, strip=False, widget=secret())

    def clean_again(self) -> str:
        again: str = self.cleaned_data["again"]
        if "new_password" in self.cleaned_data and again != self.cleaned_data["new_password"]:
            raise forms.ValidationError("The two do not match.")
        return again


@require_http_methods(["GET", "HEAD", "POST"])
def password(request: HttpRequest) -> HttpResponse:
    """Looking at it changes nothing: mail programs look at links, too."""
    given = request.POST if request.method == "POST" else request.GET
    uid, token = (given.get(name, "")[:LONGEST] for name in ("uid", "token"))
    form = PasswordForm(request.POST if request.method == "POST" else None)
    done = form.is_bound and form.is_valid() and was_set(form, uid, token)
    person = None if done else password_reset.find(uid=uid, token=token)
    context = {"form": form, "uid": uid, "token": token, "person": person, "done": done}
    status = 200 if done or person else 404
    response = protected(render(request, "core/pages/password.html", context, status=status), forms="'self'")
    # With "no-referrer" browsers hide where the form comes from, too, and it would be refused.
    response["Referrer-Policy"] = "strict-origin"
    response["X-Robots-Tag"] = "noindex, nofollow"
    response["Cache-Control"] = "no-store"
    return response


def was_set(form: PasswordForm, uid: str, token: str) -> bool:
    """Set the password; what the verb says against it is shown at the form."""
    try:
        password_reset.confirm(uid=uid, token=token, new=form.cleaned_data["new_password"])
    except Invalid as error:
        form.add_error("new_password", list(error.fields.get("new_password", [])))
        return False
    return True
