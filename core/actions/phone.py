"""Whether a phone number is somebody's: a code goes there by WhatsApp, and whoever reads it says it here."""

import secrets
from collections.abc import Collection
from datetime import datetime, timedelta

import structlog
from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.crypto import constant_time_compare

from core.actions.login_throttle import TooManyAttempts
from core.actions.slots import free_slot, this_hour, until_next_hour
from core.domain.errors import Conflict, Invalid
from core.models import PhoneVerification, User
from core.notifications import registry
from core.notifications.consent import has_stopped
from core.notifications.phone_code import LIFETIME, PHONE_CODE, code_of, verification_of
from core.notifications.post import post

logger = structlog.get_logger(__name__)

CODES_AN_HOUR = 3  # a person
APART = timedelta(seconds=60)
MOST_TRIES = 5
WRONG = {"code": ["This is not the code that was sent."]}
SPENT = {"code": ["There is no code to compare it with, or it has expired or been tried too often. Ask for a new one."]}
# What must not outlive a number.
UNVERIFIED = {"phone_verified_at": None, "whatsapp_opted_in": False, "whatsapp_inbound_at": None}
CHANGED = "The phone number has just been changed."
VERIFIED = "This phone number is verified."
UNSENDABLE = {
    "no_phone_number": "There is no phone number to verify. Set one first.",
    "not_opted_in": "STOP was written from this number. Write START to {sender} by WhatsApp, then ask again.",
    "template_required": "WhatsApp lets us write only to who has written to us within a day. Write something to "
    "{sender} by WhatsApp, then ask again.",
}


def send_code(*, user: User) -> None:
    """Send a code to the person's number; an older one stops working.

    Raise Conflict when the number is verified or cannot be written to, and TooManyAttempts.
    """
    with transaction.atomic():
        person = User.objects.select_for_update(no_key=True).get(pk=user.pk)
        _require_sendable(person)
        now = timezone.now()
        post(PHONE_CODE, to=person, key=_free_slot(person, now))
        PhoneVerification.objects.update_or_create(
            user=person,
            defaults={
                "phone_number": str(person.phone_number),
                "nonce": secrets.token_hex(16),
                "tries": 0,
                "created_at": now,
                "expires_at": now + LIFETIME,
            },
        )
    logger.info("phone_code_posted", user_id=user.pk)


def verify(*, user: User, code: str) -> None:
    """The code that was sent is the proof: the number is the person's from now on, and nobody else's any more.

    Raise Invalid for another code, which counts, and when there is none (any more); Conflict when it is verified, or
    another number by now.
    """
    with transaction.atomic():
        person = _lock(user)
        if str(person.phone_number) != str(user.phone_number):  # so not everybody who has the new one is locked
            raise Conflict(CHANGED, code="number_changed")
        if person.phone_verified_at:
            raise Conflict(VERIFIED, code="already_verified")
        verification = verification_of(person)
        if verification is None or verification.tries >= MOST_TRIES:
            raise Invalid(SPENT)
        is_right = constant_time_compare(code, code_of(verification))
        if is_right:
            _take_over(person)
            verification.delete()
        else:
            verification.tries += 1
            verification.save(update_fields=["tries"])
    logger.info("phone_code_tried", user_id=user.pk, is_right=is_right)
    if not is_right:
        raise Invalid(WRONG)


def forget(account: User) -> Collection[str]:
    """Its number has changed: nothing is known of the new one. Return the fields that are to be saved, too."""
    for name, value in UNVERIFIED.items():
        setattr(account, name, value)
    return UNVERIFIED.keys()


def delete_expired(moment: datetime) -> None:
    """Delete what was sent and never said here."""
    PhoneVerification.objects.filter(expires_at__lte=moment).delete()


def _require_sendable(person: User) -> None:
    if person.phone_verified_at:
        raise Conflict(VERIFIED, code="already_verified")
    if obstacle := registry.channels()[PHONE_CODE.channel].obstacle(person, PHONE_CODE.key):
        sender = settings.TWILIO_WHATSAPP_FROM
        raise Conflict(UNSENDABLE[obstacle].format(sender=sender), code=obstacle)


def _free_slot(person: User, now: datetime) -> str:
    """Not the next code within a minute, and not too many in an hour."""
    last = PhoneVerification.objects.filter(user=person).first()
    if last and now < last.created_at + APART:
        raise TooManyAttempts(wait=last.created_at + APART - now)
    slot = free_slot(PHONE_CODE.key, person, PHONE_CODE.channel, this_hour(), CODES_AN_HOUR)
    if slot is None:
        raise TooManyAttempts(wait=until_next_hour(now))
    return slot


def _lock(user: User) -> User:
    """The person, locked together with whoever else has the number, in order: two may verify it at once."""
    wanted = User.objects.filter(Q(pk=user.pk) | Q(phone_number=str(user.phone_number)) & ~Q(phone_number=""))
    return next(one for one in wanted.order_by("pk").select_for_update(no_key=True) if one.pk == user.pk)


def _take_over(person: User) -> None:
    """Numbers change hands: whoever had verified this one does not have it any more. STOP still counts."""
    number = str(person.phone_number)
    others = User.objects.filter(phone_number=number).exclude(pk=person.pk)
    others.update(phone_verified_at=None, whatsapp_opted_in=False)
    User.objects.filter(pk=person.pk).update(
        phone_verified_at=timezone.now(), whatsapp_opted_in=not has_stopped(number)
    )
