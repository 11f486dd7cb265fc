"""Whose address a request is counted under."""

import pytest
from django.test import RequestFactory
from pytest_django import Settings

from core.addresses import NOWHERE, client_address

DIRECT = "192.0.2.1"


@pytest.mark.parametrize(
    ("proxies", "forwarded", "expected"),
    [
        (0, "198.51.100.1", DIRECT),
        (1, None, DIRECT),
        (1, "", DIRECT),
        (1, "198.51.100.1", "198.51.100.1"),
        (1, "forged, 198.51.100.1", "198.51.100.1"),
        (2, "forged, 198.51.100.1, 10.0.0.1", "198.51.100.1"),
        (2, "198.51.100.1", "198.51.100.1"),
        (1, "198.51.100.1:4711", "198.51.100.1"),
        (1, "[2001:DB8::1]:4711", "2001:db8::1"),
        (1, "2001:db8:0::1", "2001:db8::1"),
        (1, "fe80::1%eth0", "fe80::1"),
        (1, "::ffff:198.51.100.1", "198.51.100.1"),
        (1, "unknown", DIRECT),
        (1, "198.51.100.1, ", DIRECT),
        (1, "198.51.100.1\0", DIRECT),
        (1, "999.1.1.1", DIRECT),
        (1, "[", DIRECT),
        (1, "::ffff:%", DIRECT),
    ],
)
def test_the_address_our_own_proxies_saw_counts(
    rf: RequestFactory, settings: Settings, proxies: int, forwarded: str | None, expected: str
) -> None:
    settings.TRUSTED_PROXIES = proxies
    headers = {} if forwarded is None else {"X-Forwarded-For": forwarded}
    assert client_address(rf.get("/", REMOTE_ADDR=DIRECT, headers=headers)) == expected


@pytest.mark.parametrize("direct", ["", "unix:"])
def test_who_comes_over_a_unix_socket_has_an_address_too(rf: RequestFactory, direct: str) -> None:
    assert client_address(rf.get("/", REMOTE_ADDR=direct)) == NOWHERE
