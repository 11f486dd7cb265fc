"""/admin/: everything can be looked at; what can be changed goes through the verbs, so nobody forgets to tell."""

from django.contrib import admin

from core.admin import deliveries, inbound, people, questions, suppressions, tickets
from core.admin.login import LoginForm
from core.admin.password import change_own_password

__all__ = ["deliveries", "inbound", "people", "questions", "suppressions", "tickets"]

admin.site.site_header = admin.site.site_title = "Incident Management"
admin.site.index_title = "What is in the database"
admin.site.login_form = LoginForm
# Django 5.2 takes no form of ours here, and 6.0 would not give it the request.
admin.site.password_change = change_own_password  # type: ignore[method-assign, assignment]
