"""/admin/: everything can be looked at; what can be changed goes through the verbs, so nobody forgets to tell."""

from django.contrib import admin

from core.admin import deliveries, people, tickets
from core.admin.login import LoginForm

__all__ = ["deliveries", "people", "tickets"]

admin.site.site_header = admin.site.site_title = "Incident Management"
admin.site.index_title = "What is in the database"
admin.site.login_form = LoginForm
