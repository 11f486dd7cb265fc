"""No log line of ours or of a library carries a token, a password, a number or an address."""

import json
import logging
import time

import pytest
import structlog
from django.conf import settings
from django.test import RequestFactory

from core.actions import sessions
from core.models import User
from Management.logging import clean
from tests.openapi import ApiClient

TOKEN = "eyJhbGciOi.eyJzdWIiOi.c2lnbmF0dXJl"
TICKET = "tk_wR3-xbq_0MZ4mHk9Jc2nD8vTfYs6LpQe"


@pytest.mark.parametrize(
    ("value", "masked"),
    [
        (f"GET /ws/notifications/?token={TOKEN}&v=2", "GET /ws/notifications/?token=[redacted]&v=2"),
        (f"Bearer {TOKEN}", "Bearer [redacted]"),
        (f"/?%74oken={TICKET}&v=2", "/?%74oken=[redacted]&v=2"),
        (f"/?next=%2Fws%3Ftoken%3D{TICKET} %3D{TOKEN}", "/?next=%2Fws%3Ftoken%3D[redacted] %3D[redacted]"),
        ("/n/jgq_HFNsHdI9qFeiFpoABA/ opened", "/n/[redacted]/ opened"),
        ("POST /unsubscribe/7.jgq_HFNsHdI9qFeiFpoABA/ 200", "POST /unsubscribe/[redacted]/ 200"),
        ("to whatsapp:+12025550104", "to whatsapp:+…04"),
        ("refused for cleo@example.com", "refused for [address]"),
        ("carl@example.com+cleo@example.com, dan@example.com", "[address], [address]"),
        (f"of {TOKEN} and 3D{TOKEN}.eyJ", "of [redacted] and 3D[redacted].eyJ"),
        (
            {"password": "x", "deep": [{"refresh": "y"}, "a@b.cd"]},
            {"password": "[redacted]", "deep": [{"refresh": "[redacted]"}, "[address]"]},
        ),
        (["?ticket=42", 7, None, True, 0.5], ["?ticket=42", 7, None, True, 0.5]),
        (ValueError("cleo@example.com"), "[address]"),
    ],
)
def test_what_nobody_may_read_is_masked_wherever_it_stands(value: object, masked: object) -> None:
    assert clean(value) == masked


@pytest.mark.parametrize("word", ["a", "a.", "eyJ", "+1", "-"])
def test_the_longest_address_takes_no_time(word: str) -> None:
    path = f"/?q={word * (64 * 1024 // len(word))}"
    started = time.process_time()
    assert clean(path) == path
    assert time.process_time() - started < 0.5


def test_an_object_in_a_log_line_is_masked_as_text() -> None:
    request = RequestFactory().get(f"/api/x/?token={TOKEN}")
    assert TOKEN in repr(request)
    assert TOKEN not in clean(request)


@pytest.fixture
def handler() -> logging.Handler:
    formatter = dict(settings.LOGGING["formatters"]["structured"])
    handler = logging.StreamHandler()
    handler.setFormatter(formatter.pop("()")(**formatter))
    return handler


def test_every_line_is_one_json_object(handler: logging.Handler) -> None:
    logger = logging.getLogger("a.library")
    record = logger.makeRecord("a.library", logging.WARNING, "f", 1, "sent to %s", ("cleo@example.com",), None)
    line = json.loads(handler.format(record))
    assert (line["event"], line["level"], line["logger"]) == ("sent to [address]", "warning", "a.library")


def test_a_traceback_is_masked_too(handler: logging.Handler) -> None:
    with pytest.raises(ValueError, match="bad") as caught:
        int(f"bad token={TOKEN}")
    info = (caught.type, caught.value, caught.tb)
    record = logging.getLogger("x").makeRecord("x", logging.ERROR, "f", 1, "failed", (), info)
    line = handler.format(record)
    assert "ValueError" in line
    assert TOKEN not in line


def test_a_refused_request_leaves_no_token_in_the_log(
    anonymous: ApiClient, ada: User, caplog: pytest.LogCaptureFixture, handler: logging.Handler
) -> None:
    token = sessions.start(user=ada).access
    anonymous.get(f"/api/notifications/?token={token}")
    anonymous.get(f"/api/nowhere/?token={token}")
    assert caplog.records
    assert token not in "\n".join(handler.format(record) for record in caplog.records)


def test_request_ids_are_in_every_line_of_a_request(
    anonymous: ApiClient, caplog: pytest.LogCaptureFixture, db: None
) -> None:
    anonymous.get("/api/notifications/")
    started = [record.msg for record in caplog.records if isinstance(record.msg, dict)]
    assert started
    assert all(line["request_id"] for line in started)


def test_structlog_goes_through_the_same_handler() -> None:
    assert isinstance(structlog.get_config()["logger_factory"], structlog.stdlib.LoggerFactory)
