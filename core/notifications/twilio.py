"""Twilio's official client with a timeout, another address for tests, and failures told apart by class."""

import json
from datetime import timedelta
from functools import cache
from ipaddress import ip_address
from typing import Any
from urllib.parse import urlsplit

import requests
from django.conf import settings
from twilio.http.http_client import TwilioHttpClient
from twilio.http.response import Response
from twilio.rest import Client
from urllib3.exceptions import ConnectTimeoutError, MaxRetryError, NewConnectionError

from core.notifications.channel import Ambiguous, DeliveryError, Misconfigured, Permanent, Transient

API = "https://api.twilio.com"
TIMEOUT = 10.0  # seconds to connect and again to be answered; the client has none by default
# https://www.twilio.com/docs/api/errors
CONFIGURATION = {20003, 63007}  # credentials, sender
PASSING = {20429, 30001, 63017, 63018}  # too many requests, queue full, rate limited by the channel (two ways)
LOST = ("failed", "undelivered")  # https://www.twilio.com/docs/messaging/api/message-resource#message-status-values
OPTED_OUT = "21610"  # by STOP, at Twilio


class HttpClient(TwilioHttpClient):
    """Adds what the client hides: Retry-After, and whether a request can have arrived."""

    def request(self, method: str, uri: str, *args: Any, **kwargs: Any) -> Response:  # type: ignore[override]
        if settings.TWILIO_API_URL:
            uri = settings.TWILIO_API_URL.rstrip("/") + uri.removeprefix(API)
        try:
            response = super().request(method, uri, *args, **kwargs)
        except requests.RequestException as error:
            if never_left(error):
                raise Transient("connection") from error
            raise Ambiguous("timeout" if isinstance(error, requests.Timeout) else "connection_lost") from error
        if response.status_code >= requests.codes.bad_request:
            raise failure(response)  # the client would hide a list's
        if not is_readable(response):
            raise Ambiguous("garbled")
        return response


def is_readable(response: Response) -> bool:
    """Whether this looks like an answer of Twilio's; something in between may have answered."""
    try:
        return isinstance(json.loads(response.text), dict)
    except ValueError:
        return False


def never_left(error: requests.RequestException) -> bool:
    """Whether no connection came about, so that nothing can have been sent."""
    cause = error.args[0] if error.args else None
    reason = cause.reason if isinstance(cause, MaxRetryError) else cause
    return isinstance(error, requests.ConnectTimeout) or isinstance(reason, NewConnectionError | ConnectTimeoutError)


def retry_after(response: Response) -> timedelta | None:
    """Retry-After in seconds (RFC 9110, 10.2.3); Twilio sends no dates."""
    value = (response.headers or {}).get("Retry-After", "")
    return timedelta(seconds=int(value)) if value.isdecimal() else None


def failure(response: Response) -> DeliveryError:
    """Map an error answer to a class of failure; Twilio's own code where it gives one, else the HTTP status."""
    status, number = response.status_code, error_number(response)
    code = str(number or status)
    if status == requests.codes.too_many_requests:
        return Transient(str(status), retry_after=retry_after(response))
    if status in (401, 403, 404) or number in CONFIGURATION:
        return Misconfigured(code)
    if status >= requests.codes.server_error:
        return Ambiguous(code)  # it may have been taken before the server failed
    passing = number in PASSING or status == requests.codes.request_timeout
    return Transient(code) if passing else Permanent(code)


def error_number(response: Response) -> int:
    """Twilio's code in an error answer; 0 when something in between answered."""
    try:
        return int(json.loads(response.text)["code"])
    except (ValueError, TypeError, KeyError):
        return 0


def passes(code: str) -> bool:
    """Whether what Twilio reports of a message with this code may go well another time."""
    return code.isdecimal() and int(code) in PASSING


def reports_back() -> bool:
    """Whether Twilio can tell us what became of a message; it refuses addresses inside (error 21609)."""
    host = urlsplit(settings.PUBLIC_URL).hostname or ""
    try:
        public = ip_address(host).is_global
    except ValueError:
        public = "." in host
    return bool(settings.TWILIO_ACCOUNT_SID and (settings.TWILIO_API_URL or public))


def status_callback(delivery_id: int, attempt_id: int) -> str:
    """Where Twilio reports what becomes of the message of an attempt."""
    return f"{settings.PUBLIC_URL}/webhooks/twilio/status/{delivery_id}/?attempt={attempt_id}"


@cache
def client() -> Client:
    """One client a process: it keeps its connections."""
    return Client(settings.TWILIO_ACCOUNT_SID, settings.TWILIO_AUTH_TOKEN, http_client=HttpClient(timeout=TIMEOUT))
