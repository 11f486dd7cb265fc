"""Events of other applications: which are taken, what is refused of them, and what remains of one that is removed."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.apps import apps
from django.core.exceptions import ImproperlyConfigured
from django.db import transaction
from django.utils import timezone

from core.extension import Message, Resource, announce, register_event
from core.models import DeliveryStatus, NotificationLog, User
from core.notifications import registry
from core.notifications.event import Event
from tests.architecture.sources import ROOT
from tests.fakes.smtp import FakeSmtp
from tests.fakes.twilio import FakeTwilio
from tests.notifications.support import at_once, make_due
from tests.openapi import ApiClient

BIKE = Resource("bike", 7, "/api/bikes/7/")
WORDS = {"en": Message("{bike} is back", "{actor} brought back {bike}{comment}")}
GOOD: dict[str, Any] = {"key": "bike_returned", "words": WORDS, "resource": BIKE, "facts": {"bike": "Red racer"}}
TOLD: dict[str, Any] = {"event": "bike_returned", "key": "7:1", "resource": BIKE, "facts": {"bike": "Red racer"}}


@pytest.mark.timeout(150)
def test_an_application_with_an_event_of_its_own_in_a_process_that_has_it() -> None:
    """Its own tests, and those that whatever is registered must pass."""
    places = [
        "tests/bicycles",
        "tests/architecture/test_migrations.py::test_no_migration_is_missing",
        "tests/notifications/test_contract.py::test_it_arrives_on_every_channel[bicycle_returned]",
    ]
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *places]
    environment = os.environ | {"TEST_EXTRA_APPS": "tests.bicycles"}
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=140, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.fixture
def loading(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Applications are still being made ready."""
    monkeypatch.setattr(registry, "other_events", {})
    with monkeypatch.context() as patch:
        patch.setattr(apps, "ready", False)
        yield


@pytest.fixture
def bike_returned(monkeypatch: pytest.MonkeyPatch) -> Event:
    """Registered, and there for the rest of the test."""
    monkeypatch.setattr(registry, "other_events", {})
    with monkeypatch.context() as patch:
        patch.setattr(apps, "ready", False)
        register_event(**GOOD)
    return registry.events()["bike_returned"]


@pytest.mark.parametrize(
    ("wrong", "complaint"),
    [
        ({"key": "BikeReturned"}, "lower case"),
        ({"key": "b" * 65}, "64"),
        ({"key": "password_reset"}, "taken"),
        ({"key": "ticket_assigned"}, "exists already"),
        ({"words": {"de": Message("{bike}", "{bike}")}}, "in English"),
        ({"words": WORDS | {"fr": Message("{bike}", "{bike}")}}, "we speak en, de"),
        ({"words": {"en": Message("{bicycle}", "{bike}")}}, "no fact: 'bicycle'"),
        ({"words": {"en": Message("{bike} {}", "{bike}")}}, "Event 'bike_returned'"),
        ({"words": {"en": Message("{bike.wheels}", "{bike}")}}, "no fact"),
        ({"words": {"en": Message("{bike", "{bike}")}}, "Event 'bike_returned'"),
        ({"words": {"en": Message("b" * 301, "{bike}")}}, "300"),
        ({"words": {"en": Message("one\ntwo", "{bike}")}}, "300"),
        ({"words": {"en": Message("{bike}{comment}", "{bike}")}}, "no room for a comment"),
        ({"together": {"de": Message("{count}", "{count}")}}, "in English"),
        ({"together": {"en": Message("{bike}", "{count}")}}, "no fact"),
        ({"facts": {"actor": "Ada"}}, "no fact is called actor"),
        ({"facts": {"bike": "two\nlines"}}, "bike is one line"),
        ({"resource": Resource("ticket", 7, "/api/bikes/7/")}, "'ticket' is a resource of ours"),
        ({"resource": Resource("job", 7, "/api/bikes/7/")}, "'job' is a resource of ours"),
        ({"resource": Resource("b" * 33, 7, "/api/bikes/7/")}, "32"),
        ({"resource": Resource("bike", 7, "https://example.com/")}, "path"),
        ({"resource": Resource("bike", 7, "/" * 201)}, "200"),
        ({"resource": Resource("bike", -1, "/api/bikes/7/")}, "whole number"),
    ],
)
def test_what_is_no_event_is_refused_before_anything_is_served(
    loading: None, wrong: dict[str, Any], complaint: str
) -> None:
    with pytest.raises(ImproperlyConfigured, match=complaint):
        register_event(**GOOD | wrong)
    assert not registry.other_events


def test_two_of_one_key_are_refused_and_those_who_come_too_late(
    bike_returned: Event, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(ImproperlyConfigured, match="'bike_broken' comes too late"):
        register_event(**GOOD | {"key": "bike_broken"})
    monkeypatch.setattr(apps, "ready", False)
    with pytest.raises(ImproperlyConfigured, match="'bike_returned' exists already"):
        register_event(**GOOD)


@pytest.mark.parametrize(
    ("wrong", "complaint"),
    [
        ({"event": "bike_stolen"}, "'bike_stolen' has not been registered"),
        ({"event": "ticket_assigned"}, "has not been registered"),
        ({"key": ""}, "a key"),
        ({"key": "k" * 120}, "120"),
        ({"facts": {}}, "its facts are bike"),
        ({"facts": {"bike": "Red", "wheels": "2"}}, "its facts are bike"),
        ({"facts": {"bike": "b" * 201}}, "200"),
        ({"facts": {"bike": "nul\0"}}, "one line"),
        ({"facts": {"bike": "Red racer\n"}}, "one line"),
        ({"comment": "c" * 2_001}, "2000"),
        ({"comment": "nul\0"}, "comment"),
        ({"resource": Resource("ticket", 7, "/api/tickets/7/")}, "about a bike, not a ticket"),
        ({"resource": replace(BIKE, url="bikes")}, "path"),
        ({"resource": replace(BIKE, id=2**63)}, "whole number"),
        ({"channels": ["PIGEON"]}, "the channels are SYSTEM"),
        ({"recipients": [999_999]}, "nobody has the id 999999"),
        ({"recipients": range(1, 1_002)}, "at most 1000"),
    ],
)
def test_what_was_not_registered_so_is_refused_and_nobody_is_told(
    bike_returned: Event, dan: User, wrong: dict[str, Any], complaint: str
) -> None:
    with pytest.raises(ValueError, match=complaint), transaction.atomic():
        announce(**{"recipients": [dan.pk]} | TOLD | wrong)
    assert not NotificationLog.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_outside_of_a_transaction_it_is_refused(bike_returned: Event, dan: User) -> None:
    with pytest.raises(RuntimeError, match="transaction"):
        announce(**TOLD, recipients=[dan.pk])
    assert not NotificationLog.objects.exists()


def test_the_active_are_told_once_by_the_channels_that_were_named_and_the_actor_is_not(
    bike_returned: Event, dan: User, dora: User, cleo: User
) -> None:
    User.objects.filter(pk=cleo.pk).update(is_active=False)
    for _ in range(2):
        with transaction.atomic():
            announce(**TOLD, recipients=[dan.pk, dora.pk, cleo.pk, dora.pk], actor=dan, channels=["EMAIL"])
    with transaction.atomic():
        announce(**TOLD, recipients=[], actor=dan)
    rows = NotificationLog.objects.order_by("pk").values_list("recipient", "notification_type", "message")
    assert list(rows) == [(dora.pk, key, "Dan Developer brought back Red racer") for key in ("SYSTEM", "EMAIL")]


@pytest.mark.django_db(transaction=True)
def test_announced_by_many_at_once_it_is_told_once(bike_returned: Event, dan: User, dora: User) -> None:
    def once() -> None:
        with transaction.atomic():
            announce(**TOLD, recipients=[dora.pk, dan.pk])

    at_once(*[once] * 4)
    told = NotificationLog.objects.filter(notification_type="SYSTEM").values_list("recipient", flat=True)
    assert sorted(told) == [dan.pk, dora.pk]


def test_of_an_application_that_is_removed_the_inbox_remains_and_what_waits_waits_a_day(
    bike_returned: Event,
    api: Callable[[User], ApiClient],
    dan: User,
    deliver: Callable[[], None],
    monkeypatch: pytest.MonkeyPatch,
    mailbox: FakeSmtp,
    whatsapp: FakeTwilio,
) -> None:
    client = api(dan)
    wishes = client.get("/api/notifications/preferences/").json()
    wishes["events"] = {"bike_returned": {"WHATSAPP": False}}
    assert client.put("/api/notifications/preferences/", wishes).status_code == 200
    with transaction.atomic():
        announce(**TOLD, recipients=[dan.pk])
    monkeypatch.delitem(registry.other_events, "bike_returned")
    deliver()
    waiting = NotificationLog.objects.exclude(notification_type="SYSTEM")
    assert {(row.status, row.error) for row in waiting} == {(DeliveryStatus.PENDING, "unknown_event")}
    shown = client.get("/api/notifications/").json()
    assert [(row["event"], row["message"]) for row in shown["results"]] == [
        ("bike_returned", " brought back Red racer")
    ]
    assert client.get("/api/notifications/unread_count/").json()["by_event"] == {"bike_returned": 1}
    assert client.get("/api/notifications/?event=bike_returned").status_code == 400
    assert "bike_returned" not in client.get("/api/notifications/preferences/").json()["events"]
    assert client.put("/api/notifications/preferences/", wishes | {"events": {}}).status_code == 200

    monkeypatch.setitem(registry.other_events, "bike_returned", bike_returned)  # it is back, and its wishes with it
    make_due()
    deliver()
    assert mailbox.take(dan.email).message["Subject"] == "Red racer is back"
    assert not whatsapp.take_all()

    with transaction.atomic():
        announce(**TOLD | {"key": "7:2"}, recipients=[dan.pk])
    monkeypatch.delitem(registry.other_events, "bike_returned")
    NotificationLog.objects.update(created_at=timezone.now() - timedelta(hours=25))
    deliver()
    late = NotificationLog.objects.filter(dedupe_key="bike_returned:7:2", notification_type="EMAIL").get()
    assert (late.status, late.error) == (DeliveryStatus.FAILED, "unknown_event")
