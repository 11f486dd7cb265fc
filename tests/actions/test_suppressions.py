"""Two reports of the same address at once."""

import pytest

from core.actions.suppressions import suppress
from core.models import NotificationLog, Suppression, User
from tests.notifications.support import at_once

pytestmark = pytest.mark.django_db(transaction=True)


def test_admins_are_told_once_of_what_is_reported_twice_at_once(ada: User, dan: User) -> None:
    def bounced() -> None:
        suppress(address=dan.email, cause=Suppression.Cause.BOUNCED)

    at_once(bounced, bounced)
    assert Suppression.objects.count() == 1
    assert NotificationLog.objects.filter(recipient=ada, notification_type="SYSTEM").count() == 1
