"""`python -m bench.helpdesk.prepare`: its tables, and a queue that tells two people.

Prints the id of a ticket's owner, who is told as well, and a token.
"""

import django

django.setup()

from django.contrib.auth import get_user_model  # noqa: E402 - needs the applications
from django.core.management import call_command  # noqa: E402
from helpdesk.models import Queue  # noqa: E402
from rest_framework.authtoken.models import Token  # noqa: E402

call_command("migrate", verbosity=0)
call_command("loaddata", "emailtemplate.json", verbosity=0)
users = get_user_model().objects
Queue.objects.create(
    title="Shop",
    slug="shop",
    email_address="incidents@example.com",
    # Each of the three gets a mail of its own; a list of addresses would get one together.
    new_ticket_cc="admin0@example.com",
    updated_ticket_cc="admin1@example.com",
)
owner = users.create(username="admin2", email="admin2@example.com", is_staff=True)
staff = users.create(username="staff", email="", is_staff=True, is_superuser=True)
print(owner.pk, Token.objects.create(user=staff).key)
