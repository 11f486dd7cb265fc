"""Every other route, by nobody, a stranger, the creator, developers without and with the ticket, and an admin."""

from collections.abc import Callable
from io import BytesIO
from typing import Any

import pytest
from django.core.files import File

from core.actions import attachments, jobs
from core.models import Attachment, NotificationLog, Status, Ticket, User
from tests.conftest import PASSWORD, MakeTicket
from tests.conversations import room_of, say
from tests.matrix.contract import ACTIONS
from tests.matrix.routes import served
from tests.matrix.world import undone
from tests.openapi import ApiClient
from tests.questions import ask, reply
from tests.tickets import Api

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("storage")]

PEOPLE = ("anonymous", "carl", "cleo", "dora", "dan", "ada")
OPEN = 6 * [200]
SIGNED_IN = [401, 200, 200, 200, 200, 200]
ADMIN_ONLY = [401, 403, 403, 403, 403, 200]
WHO_SEES_IT = [401, 404, 200, 404, 200, 200]
ITS_OWNER = [401, 404, 200, 404, 404, 404]

Case = tuple[list[int], dict[str, Any]]


def case(codes: list[int], **body: Any) -> Case:
    return codes, body


ROUTES: dict[str, Case] = {
    # Sign-in and one's own account.
    "POST /api/auth/login/": case(OPEN, username="cleo", password=PASSWORD),
    "POST /api/auth/refresh/": case(6 * [401], refresh="no token"),
    "POST /api/auth/logout/": case([401, *5 * [400]], refresh="no token"),
    "POST /api/auth/ticket/": case(SIGNED_IN),
    "POST /api/auth/change_password/": case([401, *5 * [400]], old_password="wrong", new_password="brand-new-word"),
    "POST /api/auth/password_reset/": case(OPEN, email="nobody@example.com"),
    "POST /api/auth/password_reset/confirm/": case(6 * [400], uid="1", token="no token", new_password="brand-new-word"),
    "GET /api/auth/me/": case(SIGNED_IN),
    "PATCH /api/auth/me/": case(SIGNED_IN, first_name="Somebody"),
    "POST /api/auth/me/verify_phone/": case([401, *5 * [409]]),  # theirs are verified
    # People.
    "GET /api/users/": case(ADMIN_ONLY),
    "POST /api/users/": case(
        [401, 403, 403, 403, 403, 201], username="newcomer", email="newcomer@example.com", role="CLIENT"
    ),
    "GET /api/users/{pk}/": case(ADMIN_ONLY),
    "PATCH /api/users/{pk}/": case(ADMIN_ONLY, first_name="Somebody"),
    "DELETE /api/users/{pk}/": case([401, 403, 403, 403, 403, 204]),
    "POST /api/users/{pk}/activate/": case(ADMIN_ONLY),
    "POST /api/users/{pk}/deactivate/": case(ADMIN_ONLY),
    "POST /api/users/{pk}/invite/": case([401, 403, 403, 403, 403, 409]),
    # Tickets; their actions are in test_actions.py.
    "GET /api/tickets/": case(SIGNED_IN),
    "POST /api/tickets/": case([401, 201, 201, 403, 403, 201], title="Blank page", description="Since this morning."),
    "GET /api/tickets/developers/": case(ADMIN_ONLY),
    "GET /api/tickets/stats/": case(SIGNED_IN),
    "POST /api/tickets/bulk/": case([401, *5 * [202]], ids=[1], action="watch"),
    "POST /api/tickets/export/": case([401, *5 * [202]], format="csv"),
    "POST /api/tickets/import/": case([401, 403, 403, 403, 403, 400]),
    "GET /api/tickets/{pk}/": case(WHO_SEES_IT),
    "GET /api/tickets/{pk}/history/": case(WHO_SEES_IT),
    "GET /api/tickets/{pk}/comments/": case(WHO_SEES_IT),
    "GET /api/tickets/{pk}/notifications/": case([401, 404, 403, 404, 403, 200]),
    "GET /api/tickets/{pk}/decisions/": case([401, 404, 403, 404, 403, 200]),
    "GET /api/tickets/{pk}/attachments/": case(WHO_SEES_IT),
    "POST /api/tickets/{pk}/attachments/": case([401, 404, 400, 404, 400, 400]),
    "GET /api/tickets/{pk}/attachments/{attachment}/download/": case(WHO_SEES_IT),
    "DELETE /api/tickets/{pk}/attachments/{attachment}/": case([401, 404, 204, 404, 403, 204]),
    # The inbox: Cleo's notification.
    "GET /api/notifications/": case(SIGNED_IN),
    "GET /api/notifications/unread/": case(SIGNED_IN),
    "GET /api/notifications/unread_count/": case(SIGNED_IN),
    "GET /api/notifications/changes/": case([401, *5 * [200]], since=0),
    "GET /api/notifications/state/": case(SIGNED_IN),
    "GET /api/notifications/stream/": case(SIGNED_IN),
    "GET /api/notifications/preferences/": case(SIGNED_IN),
    "POST /api/notifications/{pk}/retry/": case([401, *5 * [404]]),  # an inbox row is no delivery
    "POST /api/notifications/test/": case([401, *5 * [201]], channel="EMAIL"),
    "PUT /api/notifications/preferences/": case(SIGNED_IN, events={}, quiet_hours=None, digest="daily"),
    "GET /api/notifications/{pk}/": case(ITS_OWNER),
    "POST /api/notifications/{pk}/mark_as_read/": case(ITS_OWNER),
    "POST /api/notifications/{pk}/mark_as_unread/": case(ITS_OWNER),
    "POST /api/notifications/{pk}/archive/": case(ITS_OWNER),
    "POST /api/notifications/mark_as_read/": case(SIGNED_IN, notification_ids=[1]),
    "POST /api/notifications/mark_all_as_read/": case(SIGNED_IN),
    # The room of Cleo's ticket, and what she said there; direct ones are in test_conversations.py.
    "GET /api/conversations/": case(SIGNED_IN),
    "POST /api/conversations/": case([401, *5 * [400]]),
    "GET /api/conversations/{pk}/": case(WHO_SEES_IT),
    "POST /api/conversations/{pk}/read/": case(WHO_SEES_IT),
    "GET /api/conversations/{pk}/messages/": case(WHO_SEES_IT),
    "POST /api/conversations/{pk}/messages/": case([401, 404, 201, 404, 201, 201], body="Hello?"),
    "PATCH /api/conversations/{pk}/messages/{message}/": case([401, 404, 200, 404, 403, 403], body="Hello!"),
    "DELETE /api/conversations/{pk}/messages/{message}/": case([401, 404, 204, 404, 403, 403]),
    # The knowledge base: Cleo's question, and what Dan answered.
    "GET /api/questions/": case(SIGNED_IN),
    "POST /api/questions/": case([401, *5 * [201]], title="Why?", body="Since this morning."),
    "GET /api/questions/{pk}/": case(SIGNED_IN),
    "PATCH /api/questions/{pk}/": case([401, 403, 200, 403, 403, 200], title="Why not?"),
    "DELETE /api/questions/{pk}/": case([401, 403, 409, 403, 403, 204]),
    "POST /api/questions/{pk}/vote/": case([401, 200, 403, 200, 200, 200], value=1),
    "GET /api/questions/{pk}/answers/": case(SIGNED_IN),
    "POST /api/questions/{pk}/answers/": case([401, *5 * [201]], body="Clear the cache."),
    "GET /api/answers/{pk}/": case(SIGNED_IN),
    "PATCH /api/answers/{pk}/": case([401, 403, 403, 403, 200, 200], body="Clear it twice."),
    "DELETE /api/answers/{pk}/": case([401, 403, 403, 403, 204, 204]),
    "POST /api/answers/{pk}/vote/": case([401, 200, 200, 200, 403, 200], value=-1),
    "POST /api/answers/{pk}/accept/": case([401, 403, 200, 403, 403, 200]),
    "POST /api/answers/{pk}/unaccept/": case([401, 403, 200, 403, 403, 200]),
    # Long work: Cleo's.
    "GET /api/tasks/": case(SIGNED_IN),
    "GET /api/tasks/{pk}/": case(ITS_OWNER),
    "POST /api/tasks/{pk}/cancel/": case(ITS_OWNER),
    "GET /api/tasks/{pk}/result/": case([401, *5 * [404]]),  # there is none yet
    "GET /api/tasks/{pk}/rows/": case(ITS_OWNER),
    # For everybody.
    "GET /api/schema/": case(OPEN),
    "GET /api/docs/": case(OPEN),
    "GET /api/": case(6 * [404]),
    "GET /": case(OPEN),
    "GET /healthz": case(OPEN),
    "GET /readyz": case(OPEN),
    "GET /metrics": case(OPEN),
    "GET /dev/outbox/": case(6 * [404]),  # in demo mode only
    "GET /dev/emails/": case(6 * [404]),  # as well
    "GET /account/password/": case(6 * [404]),  # without a letter's link there is nothing to see
    "POST /account/password/": case(6 * [404]),
    "POST /webhooks/anymail/{esp}/tracking/": case(6 * [404]),  # tests/pages/test_mail_reports.py has a provider
    "GET /unsubscribe/{token}/": case(6 * [404]),  # without a mail's link there is nothing to turn off
    "POST /unsubscribe/{token}/": case(6 * [404]),
    "POST /webhooks/twilio/status/{delivery}/": case(6 * [415]),  # a form, signed by Twilio
    "POST /webhooks/twilio/inbound/": case(6 * [415]),  # a form, signed by Twilio
    "GET /n/{key}/": case(OPEN),  # a notification's own link: who has it may see where it leads
}


@pytest.fixture
def clients(
    api: Api, anonymous: ApiClient, carl: User, cleo: User, dora: User, dan: User, ada: User
) -> dict[str, ApiClient]:
    signed_in = [api(user) for user in (carl, cleo, dora, dan, ada)]
    return dict(zip(PEOPLE, [anonymous, *signed_in], strict=True))


@pytest.fixture
def names(make_ticket: MakeTicket, cleo: User, dan: User, carl: User) -> Callable[[str], str]:
    """Fills in a path: Cleo's ticket with Dan on it, her notification and file; her question and Dan's answer; Carl."""
    ticket = make_ticket(Status.OPEN, assigned_to=[dan])
    row = NotificationLog.objects.filter(recipient=cleo, notification_type="SYSTEM")[0]
    attachment = attach(ticket, cleo)
    question = ask(cleo)
    keys = {"tickets": ticket.pk, "notifications": row.pk, "users": carl.pk}
    keys |= {"tasks": jobs.start(owner=cleo, name="export", params={}).pk}
    said = say(room_of(ticket), cleo)
    keys |= {"conversations": said.conversation_id}
    keys |= {"questions": question.pk, "answers": reply(dan, question).pk}

    def filled(path: str) -> str:
        pk = next((key for name, key in keys.items() if f"/{name}/" in path), 0)
        others = {"attachment": attachment.pk, "message": said.pk, "key": row.link_key, "delivery": 1}
        return path.format(pk=pk, token="none", esp="postmark", **others)

    return filled


def attach(ticket: Ticket, user: User) -> Attachment:
    """A file on the ticket, in the storage as well."""
    return attachments.add_attachment(
        actor=user, ticket_id=ticket.pk, file=File(BytesIO(b"What it says."), "notes.txt")
    )


def test_no_route_is_unknown_here() -> None:
    actions = {f"POST /api/tickets/{{pk}}/{name}/" for name, row in ACTIONS.items() if row.method == "post"}
    assert served() == {*ROUTES, *actions, "PATCH /api/tickets/{pk}/", "DELETE /api/tickets/{pk}/"}


@pytest.mark.parametrize("route", ROUTES)
def test_route(route: str, clients: dict[str, ApiClient], names: Callable[[str], str]) -> None:
    method, path = route.split()
    codes, body = ROUTES[route]
    found = []
    for name in PEOPLE:
        with undone():
            call = getattr(clients[name], method.lower())
            options = {"data": body} if body else {}
            found.append(call(names(path), **options).status_code)
    assert dict(zip(PEOPLE, found, strict=True)) == dict(zip(PEOPLE, codes, strict=True))
