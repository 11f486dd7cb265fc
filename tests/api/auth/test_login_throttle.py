"""Failed sign-ins are limited per account and address, and per address; successful ones are not."""

from datetime import timedelta

import pytest
from django.utils.timezone import now
from pytest_django import Settings
from rest_framework.test import APIClient

from core.actions.login_throttle import ACCOUNT_LIMIT, ADDRESS_LIMIT, WINDOW
from core.models import LoginAttempt, User
from tests.api.auth.calls import attempts_move, fail, login

ELSEWHERE = {"REMOTE_ADDR": "198.51.100.7"}


def test_after_some_failures_even_the_right_password_has_to_wait(anonymous: APIClient, dan: User) -> None:
    fail(anonymous, "dan", times=ACCOUNT_LIMIT)
    for password in ("wrong", "demo-password"):
        response = login(anonymous, "dan", password)
        assert response.status_code == 429
        assert set(response.json()) == {"detail", "code"}
        assert response.json()["code"] == "throttled"
    assert LoginAttempt.objects.count() == ACCOUNT_LIMIT  # what was refused unseen does not prolong the wait


def test_retry_after_tells_when_the_oldest_failure_is_forgotten(anonymous: APIClient, dan: User) -> None:
    fail(anonymous, "dan", times=1)
    attempts_move(timedelta(minutes=-10))
    fail(anonymous, "dan", times=ACCOUNT_LIMIT - 1)
    oldest = LoginAttempt.objects.earliest("at").at
    seconds = int(login(anonymous, "dan").headers["Retry-After"])
    assert seconds == pytest.approx((oldest + WINDOW - now()).total_seconds(), abs=2)
    attempts_move(timedelta(seconds=-seconds))
    assert login(anonymous, "dan").status_code == 200


def test_a_stranger_elsewhere_locks_nobody_out(anonymous: APIClient, dan: User) -> None:
    fail(anonymous, "dan", times=ACCOUNT_LIMIT, **ELSEWHERE)
    assert login(anonymous, "dan", **ELSEWHERE).status_code == 429
    assert login(anonymous, "dan").status_code == 200
    assert login(anonymous, "dan", **ELSEWHERE).status_code == 429


def test_a_colleague_at_the_same_address_is_not_locked_out(anonymous: APIClient, dan: User, dora: User) -> None:
    fail(anonymous, "dan", times=ACCOUNT_LIMIT)
    assert login(anonymous, "dora").status_code == 200


def test_name_and_address_are_one_account(anonymous: APIClient, dan: User) -> None:
    fail(anonymous, "dan", times=2)
    fail(anonymous, "DAN", times=1)
    fail(anonymous, dan.email.upper(), times=ACCOUNT_LIMIT - 3)
    for name in (dan.username, dan.email):
        assert login(anonymous, name).status_code == 429


@pytest.mark.django_db
def test_names_that_nobody_has_are_limited_alike(anonymous: APIClient) -> None:
    fail(anonymous, "nobody", times=ACCOUNT_LIMIT - 1)
    fail(anonymous, "Nobody", times=1)
    assert login(anonymous, "NOBODY").status_code == 429


def test_the_right_password_forgets_the_wrong_ones(anonymous: APIClient, dan: User, dora: User) -> None:
    fail(anonymous, "dora", times=1)
    for _ in range(3):
        fail(anonymous, "dan", times=ACCOUNT_LIMIT - 1)
        assert login(anonymous, "dan").status_code == 200
    assert LoginAttempt.objects.count() == 1  # dora's


def test_success_is_never_limited(anonymous: APIClient, dan: User) -> None:
    for _ in range(ADDRESS_LIMIT + 1):
        assert login(anonymous, "dan").status_code == 200


def test_trying_many_names_from_one_address_is_limited(anonymous: APIClient, dan: User) -> None:
    for number in range(ADDRESS_LIMIT):
        fail(anonymous, f"nobody{number}", times=1)
    response = login(anonymous, "dan")
    assert response.status_code == 429
    assert 1 <= int(response.headers["Retry-After"]) <= WINDOW.total_seconds()
    assert login(anonymous, "dan", **ELSEWHERE).status_code == 200


def test_one_ipv6_customer_is_one_address(anonymous: APIClient, dan: User) -> None:
    for number in range(ACCOUNT_LIMIT):
        fail(anonymous, "dan", times=1, REMOTE_ADDR=f"2001:db8::{number:x}")
    assert login(anonymous, "dan", REMOTE_ADDR="2001:db8::ffff").status_code == 429
    assert login(anonymous, "dan", REMOTE_ADDR="2001:db8:0:1::1").status_code == 200


@pytest.mark.parametrize("proxies", [0, 1])
def test_a_forged_forwarded_for_does_not_help(
    anonymous: APIClient, dan: User, settings: Settings, proxies: int
) -> None:
    settings.TRUSTED_PROXIES = proxies
    for number in range(ACCOUNT_LIMIT):
        fail(anonymous, "dan", times=1, HTTP_X_FORWARDED_FOR=f"203.0.113.{number}, 198.51.100.7")
    assert login(anonymous, "dan", HTTP_X_FORWARDED_FOR="203.0.113.99, 198.51.100.7").status_code == 429


def test_callers_behind_our_proxy_are_told_apart(anonymous: APIClient, dan: User, settings: Settings) -> None:
    settings.TRUSTED_PROXIES = 1
    fail(anonymous, "dan", times=ACCOUNT_LIMIT, HTTP_X_FORWARDED_FOR="198.51.100.7")
    assert login(anonymous, "dan", HTTP_X_FORWARDED_FOR="198.51.100.8").status_code == 200
    assert login(anonymous, "dan", HTTP_X_FORWARDED_FOR="rubbish, \0").status_code == 200
