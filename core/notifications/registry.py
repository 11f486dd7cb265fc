"""Finds every channel and event by reading their directories; takes those of other applications; refuses duplicates."""

import importlib
import pkgutil
from functools import cache
from types import ModuleType
from typing import TypeVar

from django.apps import apps
from django.core.exceptions import ImproperlyConfigured

from core.models.notification import SYSTEM
from core.notifications import channels as channels_package
from core.notifications import events as events_package
from core.notifications.channel import Channel
from core.notifications.event import Event

T = TypeVar("T", Channel, Event)
other_events: dict[str, Event] = {}  # of other applications, by key


def collect(package: ModuleType, attribute: str, kind: type[T]) -> dict[str, T]:
    """Import every module of `package` and return its `attribute` objects by key."""
    found: dict[str, T] = {}
    for module in pkgutil.iter_modules(package.__path__):
        item = getattr(importlib.import_module(f"{package.__name__}.{module.name}"), attribute)
        if not isinstance(item, kind):
            raise TypeError(f"{module.name}.{attribute} is not of type {kind.__name__}")
        if item.key in found:
            raise ValueError(f"{module.name}: {attribute} {item.key!r} exists already")
        found[item.key] = item
    return found


@cache
def channels() -> dict[str, Channel]:
    """Every channel by key, SYSTEM first: it is the inbox the others point at."""
    found = collect(channels_package, "channel", Channel)  # type: ignore[type-abstract]
    return {SYSTEM: found.pop(SYSTEM), **found}


@cache
def own_events() -> dict[str, Event]:
    """Our events by key."""
    return collect(events_package, "event", Event)


def add(event: Event) -> None:
    """One of another application. All are there before anything is served: nobody ever sees half of them."""
    if apps.ready:
        raise ImproperlyConfigured(f"Event {event.key!r} comes too late: register it in AppConfig.ready()")
    if event.key in events():
        raise ImproperlyConfigured(f"Event {event.key!r} exists already")
    other_events[event.key] = event


def events() -> dict[str, Event]:
    """Every event by key, ours first."""
    return own_events() | other_events


def resource_types() -> list[str]:
    """What events are about."""
    return sorted({event.example.about.type for event in events().values()})


def events_by_preference() -> list[str]:
    """The keys of the events that people may turn off."""
    return [key for key, event in events().items() if not event.is_asked_for]


def outgoing_channels() -> list[str]:
    """The keys of the channels that leave the house, in order."""
    return [key for key in channels() if key != SYSTEM]
