"""Inboxes."""

from collections.abc import Callable

import pytest

from core.models import User
from tests.api.notifications.inbox import Inbox, InboxOf
from tests.openapi import ApiClient


@pytest.fixture
def inbox_of(api: Callable[[User], ApiClient], cleo: User) -> InboxOf:
    return lambda user: Inbox(api(user), user)


@pytest.fixture
def inbox(inbox_of: InboxOf, ada: User) -> Inbox:
    """Ada's: she is told of every new ticket."""
    return inbox_of(ada)
