"""The admin site as Ada has it open, and a ticket to look at there."""

import pytest
from django.test import Client

from core.actions import tickets
from core.models import Ticket, User


@pytest.fixture
def site(ada: User) -> Client:
    client = Client()
    client.force_login(ada)
    return client


@pytest.fixture
def ticket(cleo: User) -> Ticket:
    return tickets.create(actor=cleo, title="Blank page", description="Since noon")
