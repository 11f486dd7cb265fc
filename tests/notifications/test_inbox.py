"""What an inbox row shows beside itself."""

from django.db import connection
from django.test.utils import CaptureQueriesContext

from core.actions import inbox as verbs
from core.models import Feed, NotificationLog, Role, Status, User
from core.notifications import deliveries
from tests.conftest import MakeTicket


def rows_of(user: User) -> list[NotificationLog]:
    return list(NotificationLog.objects.filter(recipient=user, notification_type="SYSTEM").order_by("seq"))


def test_each_row_has_the_deliveries_of_its_own_notification(make_ticket: MakeTicket, ada: User) -> None:
    User.objects.create_user("alma", "alma@example.com", role=Role.ADMIN)
    make_ticket(Status.CLOSED)
    rows = deliveries.in_inbox(Feed.objects.get(user=ada), rows_of(ada))
    assert len(rows) == 3
    for row in rows:
        assert [one.notification_type for one in row.deliveries] == ["EMAIL", "WHATSAPP"]
        assert {(one.notification, one.recipient_id) for one in row.deliveries} == {(row.notification, ada.pk)}


def test_a_read_all_shows_before_it_is_written(make_ticket: MakeTicket, cleo: User) -> None:
    make_ticket(Status.RESOLVED)
    verbs.mark_all_read(user=cleo)
    rows = rows_of(cleo)
    assert not any(row.is_read for row in rows)
    assert all(row.is_read for row in deliveries.in_inbox(Feed.objects.get(user=cleo), rows))


def test_any_number_of_rows_costs_one_query(make_ticket: MakeTicket, cleo: User) -> None:
    make_ticket(Status.CLOSED)
    own = Feed.objects.get(user=cleo)
    for count in (1, 3):
        rows = rows_of(cleo)[:count]
        with CaptureQueriesContext(connection) as queries:
            deliveries.in_inbox(own, rows)
        assert len(queries) == 1
