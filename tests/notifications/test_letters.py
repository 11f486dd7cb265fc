"""Letters go through the queue of e-mails, are looked at once more, and hold no secret until they leave."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import transaction
from django.utils import timezone

from core.models import DeliveryStatus, NotificationLog, Role, User
from core.notifications.letters import PASSWORD_RESET, USER_INVITED, WITH_LINK, Letter
from core.notifications.post import post
from Management.logging import clean
from tests.fakes.smtp import FakeSmtp
from tests.letters import link_to
from tests.notifications.support import make_due
from tests.tickets import Api

for_every_letter = pytest.mark.parametrize("letter", WITH_LINK, ids=lambda letter: letter.key)


@pytest.fixture
def nina(db: None) -> User:
    """Has no password yet."""
    return User.objects.create_user("nina", "nina@example.com", role=Role.CLIENT, phone_number="+12025550123")


def sent(letter: Letter, to: User, key: str = "") -> NotificationLog:
    with transaction.atomic():
        post(letter, to=to, key=key)
    return NotificationLog.objects.get(recipient=to)


def end_of(row: NotificationLog) -> tuple[str, str]:
    row.refresh_from_db()
    return row.status, row.error


@for_every_letter
def test_it_leaves_by_mail_alone_with_a_link_that_works(
    letter: Letter, nina: User, deliver: Callable[[], None], mailbox: FakeSmtp
) -> None:
    row = sent(letter, nina)
    deliver()
    link = link_to(mailbox, nina.email)
    assert end_of(row) == (DeliveryStatus.SENT, "")
    assert letter.accepts(nina, link.token)
    assert not any(other.accepts(nina, link.token) for other in WITH_LINK if other is not letter)
    assert link.token not in str(NotificationLog.objects.filter(pk=row.pk).values().get())
    assert link.token not in str(clean(f'"GET {link.url} HTTP/1.1" 200'))


@for_every_letter
def test_it_survives_a_mail_server_that_is_away(
    letter: Letter, nina: User, deliver: Callable[[], None], mailbox: FakeSmtp
) -> None:
    row = sent(letter, nina)
    mailbox.stop()
    deliver()
    assert end_of(row) == (DeliveryStatus.PENDING, "connection")
    mailbox.start()
    make_due(row)
    deliver()
    assert letter.accepts(nina, link_to(mailbox, nina.email).token)


@for_every_letter
def test_who_was_deactivated_meanwhile_gets_none(letter: Letter, nina: User, deliver: Callable[[], None]) -> None:
    row = sent(letter, nina)
    User.objects.filter(pk=nina.pk).update(is_active=False)
    deliver()
    assert end_of(row) == (DeliveryStatus.CANCELLED, "recipient_inactive")


def test_who_has_chosen_a_password_meanwhile_is_not_invited(nina: User, deliver: Callable[[], None]) -> None:
    row = sent(USER_INVITED, nina)
    nina.set_password("a quite long phrase")
    nina.save()
    deliver()
    assert end_of(row) == (DeliveryStatus.CANCELLED, "password_is_set")


@for_every_letter
def test_what_waited_longer_than_its_link_lives_is_not_sent(
    letter: Letter, nina: User, deliver: Callable[[], None]
) -> None:
    row = sent(letter, nina)
    NotificationLog.objects.filter(pk=row.pk).update(created_at=timezone.now() - letter.lifetime - timedelta(minutes=1))
    deliver()
    assert end_of(row) == (DeliveryStatus.CANCELLED, "letter_too_old")


@for_every_letter
def test_it_is_in_no_inbox(letter: Letter, nina: User, api: Api) -> None:
    row, client = sent(letter, nina), api(nina)
    for kind in ("EMAIL", "ALL"):
        assert client.get(f"/api/notifications/?notification_type={kind}").json()["count"] == 0
    for where in ("", "mark_as_unread/", "archive/"):
        call = client.post if where else client.get
        assert call(f"/api/notifications/{row.pk}/{where}").status_code == 404
    answer = client.post("/api/notifications/mark_as_read/", {"notification_ids": [row.pk]})
    assert answer.json() == {"count": 0, "unread_count": 0}


def test_the_same_letter_twice_is_one_and_other_ones_are_others(
    nina: User, deliver: Callable[[], None], mailbox: FakeSmtp
) -> None:
    with transaction.atomic():
        for key in ("a", "a", "b"):
            post(PASSWORD_RESET, to=nina, key=key)
    deliver()
    assert len(mailbox.take_all()) == 2


@pytest.mark.django_db(transaction=True)
def test_it_belongs_in_the_transaction_of_its_reason() -> None:
    with pytest.raises(RuntimeError):
        post(PASSWORD_RESET, to=User(pk=1))
    assert not NotificationLog.objects.exists()
