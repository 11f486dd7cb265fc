"""An application outside of core: its event is told as ours are, on every channel and in every list."""

from collections.abc import Callable

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.db import transaction

from core.extension import announce
from core.models import DeliveryStatus, NotificationLog, User
from core.notifications import registry
from core.notifications.examples import examples
from tests.api.notifications.inbox import Inbox
from tests.bicycles import events, verbs
from tests.bicycles.models import Bicycle
from tests.fakes.smtp import FakeSmtp
from tests.fakes.twilio import FakeTwilio
from tests.openapi import ApiClient, document
from tests.sockets.live import Server

Api = Callable[[User], ApiClient]


@pytest.fixture
def racer(dora: User, dan: User) -> Bicycle:
    """Dora's; Dan has borrowed it."""
    return Bicycle._default_manager.create(name="Red racer", owner=dora, borrower=dan)


def url(bicycle: Bicycle) -> str:
    return f"/api/bicycles/{bicycle.pk}/"


def test_its_owner_is_told_everywhere_and_may_open_what_it_is_about(
    api: Api,
    racer: Bicycle,
    dan: User,
    dora: User,
    deliver: Callable[[], None],
    mailbox: FakeSmtp,
    whatsapp: FakeTwilio,
) -> None:
    assert api(dan).post(url(racer), {"comment": "The brakes squeak."}).status_code == 200
    page = Inbox(api(dora), dora).get()
    told = page["results"][0]
    assert (page["count"], told["event"], told["reason"], told["ticket"]) == (1, "bicycle_returned", "member", None)
    assert told["message"] == "Dan Developer brought back Red racer — “The brakes squeak.”"
    assert (told["actor"]["username"], told["resource_type"], told["resource_id"]) == ("dan", "bicycle", racer.pk)
    assert api(dora).get(told["url"]).json() == {"id": racer.pk, "name": "Red racer", "trips": 1}
    deliver()
    assert mailbox.take("dora@example.com").message["Subject"] == "Red racer is back"
    assert told["message"] in whatsapp.take(str(dora.phone_number)).body
    assert not NotificationLog.objects.filter(recipient=dan).exists()


def test_it_is_found_by_its_event_and_its_type_and_read_by_its_resource(
    api: Api, racer: Bicycle, dan: User, dora: User
) -> None:
    verbs.bring_back(actor=dan, bicycle_id=racer.pk)
    inbox = Inbox(api(dora), dora)
    about = f"resource_type=bicycle&resource_id={racer.pk}"
    for query in ("event=bicycle_returned", "resource_type=bicycle", about, f"actor={dan.pk}"):
        assert len(inbox.ids(f"?{query}")) == 1
    assert inbox.get("unread_count/")["by_event"] == {"bicycle_returned": 1}
    assert inbox.post(f"mark_all_as_read/?{about}")["count"] == 1
    parameters = document()["paths"]["/api/notifications/mark_all_as_read/"]["post"]["parameters"]
    types = next(one["schema"]["enum"] for one in parameters if one["name"] == "resource_type")
    assert {"bicycle", "ticket"} <= set(types)


def test_whoever_does_not_want_it_by_mail_says_so(
    api: Api, racer: Bicycle, dan: User, dora: User, deliver: Callable[[], None], whatsapp: FakeTwilio
) -> None:
    client, path = api(dora), "/api/notifications/preferences/"
    wishes = client.get(path).json()
    assert wishes["events"]["bicycle_returned"] == dict.fromkeys(registry.channels(), True)
    wishes["events"]["bicycle_returned"]["EMAIL"] = False
    assert client.put(path, wishes).json() == wishes
    verbs.bring_back(actor=dan, bicycle_id=racer.pk)
    deliver()
    whatsapp.take(str(dora.phone_number))
    mail = NotificationLog.objects.get(notification_type="EMAIL")
    assert (mail.status, mail.error) == (DeliveryStatus.SKIPPED, "preference_off")


@pytest.mark.parametrize(("locale", "said"), [("de-AT", "hat Red racer zurückgebracht"), ("ko", "brought back Red")])
def test_it_is_said_in_the_readers_language_or_in_english(
    racer: Bicycle, dan: User, dora: User, locale: str, said: str
) -> None:
    User.objects.filter(pk=dora.pk).update(locale=locale)
    verbs.bring_back(actor=dan, bicycle_id=racer.pk)
    assert {said in row.message for row in NotificationLog.objects.all()} == {True}


def test_what_its_mails_look_like_is_shown_with_those_of_ours() -> None:
    shown = examples("EMAIL", "de")
    assert shown["bicycle_returned"].subject == "Red racer ist wieder da"
    assert shown["bicycle_returned, three at once"].subject == "Back 3 times"


@pytest.mark.django_db(transaction=True)
def test_live_it_is_a_frame_like_any_other(server: Server, racer: Bicycle, dan: User, dora: User) -> None:
    socket = server.joined(dora)
    verbs.bring_back(actor=dan, bicycle_id=racer.pk)
    frame = socket.frame()
    assert (frame["notification_type"], frame["resource_type"]) == ("bicycle_returned", "bicycle")
    assert (frame["url"], frame["ticket"], frame["unread_count"]) == (url(racer), None, 1)


def test_who_may_not_is_refused_as_everywhere_and_nothing_is_told(
    api: Api, anonymous: ApiClient, racer: Bicycle, dora: User, cleo: User
) -> None:
    assert anonymous.post(url(racer), {}).status_code == 401
    for person in (dora, cleo):
        refused = api(person).post(url(racer), {})
        assert (refused.status_code, set(refused.json())) == (404, {"detail", "code"})
    assert not NotificationLog.objects.exists()


def test_what_is_rolled_back_was_never_told(racer: Bicycle, dan: User) -> None:
    with transaction.atomic():
        verbs.bring_back(actor=dan, bicycle_id=racer.pk)
        transaction.set_rollback(True)
    assert not NotificationLog.objects.exists()


def test_only_its_own_events_can_be_announced_and_only_in_time(racer: Bicycle, dora: User) -> None:
    with pytest.raises(ValueError, match="'ticket_assigned' has not been registered"), transaction.atomic():
        announce(event="ticket_assigned", key="1", recipients=[dora.pk], resource=events.about(racer.pk))
    with pytest.raises(ImproperlyConfigured, match="comes too late"):
        events.register()
