"""Why a mail was not taken, by class of failure: by a mail server, or by a provider over its own API."""

import smtplib
import ssl
from collections.abc import Mapping
from datetime import timedelta

import requests
from anymail.exceptions import AnymailAPIError, AnymailError, AnymailInvalidAddress, AnymailRecipientsRefused

from core.notifications.channel import DeliveryError, Misconfigured, Permanent, Transient, Unknown
from core.notifications.twilio import never_left

OURS = (401, 402, 403, 404)  # keys, bills and addresses are a matter of our settings
TOO_LARGE = 552
TOO_LARGE_SAYS = (b"5.2.3", b"5.3.4")  # for this mailbox, for this server (RFC 3463)


def classify(error: Exception, *, opening: bool = False, awaiting_verdict: bool = False) -> DeliveryError:
    """Map what smtplib raises to a class of failure (RFC 5321, 4.2.1: 4yz is transient, 5yz permanent).

    A server that refuses to talk to us, or our sender, refuses our settings and not this one mail, unless that is too
    large. Nor is a certificate trusted later that is not trusted now, until somebody does something.
    """
    if awaiting_verdict:
        return Unknown("no_answer")
    if isinstance(error, ssl.SSLCertVerificationError):
        return Misconfigured("certificate")
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        code = next(iter(error.recipients.values()))[0]
    elif isinstance(error, smtplib.SMTPResponseException):
        code = error.smtp_code
    elif isinstance(error, smtplib.SMTPException) and not isinstance(error, smtplib.SMTPServerDisconnected):
        return Misconfigured("not_supported")
    else:
        return Transient("timeout" if isinstance(error, TimeoutError) else "connection")
    if code < 500:
        return Transient(str(code))
    ours = opening or isinstance(error, smtplib.SMTPHeloError | smtplib.SMTPSenderRefused)
    return Misconfigured(str(code)) if ours and not is_too_large(error) else Permanent(str(code))


def is_too_large(error: Exception) -> bool:
    """Whether the mail is refused by its size, which the server is told together with the sender (RFC 1870, 6.1)."""
    if not isinstance(error, smtplib.SMTPSenderRefused):
        return False
    return error.smtp_code == TOO_LARGE or error.smtp_error.startswith(TOO_LARGE_SAYS)


def classify_api(error: AnymailError) -> DeliveryError:
    """Map what django-anymail raises. A provider that fails or says nothing may have taken the mail."""
    if isinstance(error, AnymailRecipientsRefused | AnymailInvalidAddress):
        return Permanent("address_refused")
    if not isinstance(error, AnymailAPIError):
        return Misconfigured("not_supported")
    cause = error.__cause__
    if isinstance(cause, requests.RequestException) and never_left(cause):
        return Transient("connection")
    response = error.response
    return answered(error.status_code, response.headers if response is not None else {})


def answered(status: int | None, headers: Mapping[str, str]) -> DeliveryError:
    """What an answer means; None when there was none."""
    if status is None or status < requests.codes.bad_request:
        return Unknown("no_answer")
    if status in (requests.codes.too_many_requests, requests.codes.service_unavailable):
        seconds = headers.get("Retry-After", "")
        return Transient("provider_busy", retry_after=timedelta(seconds=int(seconds)) if seconds.isdecimal() else None)
    if status >= requests.codes.server_error:
        return Unknown("provider_failed")
    return Misconfigured("account_refused") if status in OURS else Permanent("mail_refused")
