"""What was said among staff stays there, also when somebody is staff no more."""

from collections.abc import Callable

from core.actions import tickets, users
from core.models import DeliveryStatus, NotificationLog, Role, User
from tests.conftest import hush, person
from tests.tickets import Api

SECRET = "The vendor has no idea either."


def test_who_became_a_client_meanwhile_gets_no_internal_comment(
    api: Api, ada: User, dan: User, deliver: Callable[[], None]
) -> None:
    eve = person("eve", Role.ADMIN, 6)
    ticket = tickets.create(actor=eve, title="Blank page", description="Since this morning.")
    tickets.assign(actor=ada, ticket_id=ticket.pk, assigned_to=[dan.pk])
    hush(ticket.pk)
    tickets.add_comment(actor=dan, ticket_id=ticket.pk, comment=SECRET, is_internal=True)
    rows = NotificationLog.objects.filter(recipient=eve, event="comment_added")
    assert [SECRET in row.message for row in rows] == 3 * [True]
    users.change(actor=ada, account=eve, changes={"role": Role.CLIENT})
    deliver()
    ends = {row.notification_type: (row.status, row.error) for row in rows.all()}
    gone = (DeliveryStatus.CANCELLED, "ticket_out_of_sight")
    assert ends == {"SYSTEM": (DeliveryStatus.DELIVERED, ""), "EMAIL": gone, "WHATSAPP": gone}
    assert SECRET not in api(eve).get("/api/notifications/?notification_type=ALL").content.decode()
    assert not NotificationLog.objects.filter(recipient=eve, message__contains=SECRET).exists()
