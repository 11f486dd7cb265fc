"""`python -m bench.helpdesk.prepare`: its tables, a queue that tells three people, and a token, which is printed."""

import django

django.setup()

from django.contrib.auth import get_user_model  # noqa: E402 - needs the applications
from django.core.management import call_command  # noqa: E402
from helpdesk.models import Queue  # noqa: E402
from rest_framework.authtoken.models import Token  # noqa: E402

THREE = "admin0@example.com,admin1@example.com,admin2@example.com"

call_command("migrate", verbosity=0)
call_command("loaddata", "emailtemplate.json", verbosity=0)
Queue.objects.create(title="Shop", slug="shop", new_ticket_cc=THREE, email_address="incidents@example.com")
staff = get_user_model().objects.create(username="staff", email="", is_staff=True, is_superuser=True)
print(Token.objects.create(user=staff).key)
