"""Admins are told that a channel rests: once, and not over that channel."""

from datetime import timedelta

import pytest
from django.utils import timezone

from core.actions import alerts
from core.models import Bucket, ChannelCircuit, NotificationLog, User


@pytest.fixture
def resting(ada: User) -> ChannelCircuit:
    return rests("EMAIL")


def rests(channel: str) -> ChannelCircuit:
    now = timezone.now()
    until = now + timedelta(minutes=1)
    return ChannelCircuit.objects.create(channel=channel, code="535", open_until=until, opened_at=now)


def told() -> list[tuple[str, str]]:
    return sorted(NotificationLog.objects.values_list("recipient__username", "notification_type"))


def test_every_admin_is_told_over_the_other_channels(resting: ChannelCircuit, dan: User) -> None:
    alerts.alert()
    assert told() == [("ada", "SYSTEM"), ("ada", "WHATSAPP")]
    row = NotificationLog.objects.get(notification_type="SYSTEM")
    assert (row.event, row.resource_type, row.actor, row.ticket) == ("channel_paused", "channel", None, None)
    assert row.message == "Nothing leaves by EMAIL for now (535). What is due waits for it."
    resting.refresh_from_db()
    assert resting.alerted_at is not None


def test_they_are_told_once_however_often_it_fails_to_come_back(resting: ChannelCircuit) -> None:
    alerts.alert()
    ChannelCircuit.objects.update(open_until=timezone.now() + timedelta(minutes=2), openings=2)
    alerts.alert()
    assert len(told()) == 2


def test_one_that_comes_and_goes_is_told_once_an_hour(resting: ChannelCircuit) -> None:
    alerts.alert()
    resting.delete()
    ChannelCircuit.objects.filter(pk=rests("EMAIL").pk).update(opened_at=timezone.now() + timedelta(minutes=20))
    alerts.alert()
    assert len(told()) == 2
    Bucket.objects.update(full_at=timezone.now())  # an hour later it still rests
    alerts.alert()
    alerts.alert()
    assert len(told()) == 4


def test_one_that_is_tried_again_by_now_alarms_nobody(resting: ChannelCircuit) -> None:
    ChannelCircuit.objects.update(open_until=timezone.now())
    alerts.alert()
    assert told() == []


def test_when_everything_rests_the_news_is_in_the_inbox(resting: ChannelCircuit) -> None:
    rests("WHATSAPP")
    alerts.alert()
    assert [channel for _, channel in told()] == ["EMAIL", "SYSTEM", "SYSTEM", "WHATSAPP"]
