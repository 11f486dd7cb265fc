"""The code that shows that a phone number is somebody's: made when it is sent, and kept nowhere."""

from dataclasses import replace
from datetime import timedelta

from django.utils import timezone
from django.utils.crypto import salted_hmac

from core.models import NotificationLog, PhoneVerification, User
from core.notifications.message import Message, Outgoing, in_words

DIGITS = 6
LIFETIME = timedelta(minutes=10)
# What the row says, and what is sent.
KEPT = {
    "en": Message("Your phone number", "A code to verify this phone number. It stood in the message alone."),
    "de": Message("Ihre Telefonnummer", "Ein Code für diese Telefonnummer. Er stand nur in der Nachricht."),
    "es": Message("Su número de teléfono", "Un código para verificar este número. Solo figuraba en el mensaje."),
    "ko": Message("전화번호", "이 전화번호를 확인하기 위한 코드입니다. 코드는 메시지에만 들어 있었습니다."),
}
SENT = {
    "en": Message("", "{code} is your code for Incident Management. It works for 10 minutes. Give it to nobody."),
    "de": Message("", "{code} ist Ihr Code für Incident Management. Er gilt 10 Minuten. Geben Sie ihn niemandem."),
    "es": Message("", "{code} es su código para Incident Management. Vale 10 minutos. No se lo dé a nadie."),
    "ko": Message(
        "", "{code}은(는) Incident Management 인증 코드입니다. 10분간 유효하며, 누구에게도 알려 주지 마세요."
    ),
}


class PhoneCode:
    """Goes through the queue as letters do, by WhatsApp."""

    key = "phone_code"
    channel = "WHATSAPP"

    def message(self, user: User, _actor: str) -> Message:
        """Without the code."""
        return in_words(KEPT, user.locale)

    def moot(self, row: NotificationLog) -> str:
        """A code that has expired, was used, or is for another number is not sent any more; nor is an older one."""
        found = verification_of(row.recipient)
        return "" if found and found.created_at <= row.created_at else "code_expired"

    def complete(self, message: Outgoing, user: User) -> Outgoing:
        found = verification_of(user)
        code = code_of(found) if found else ""
        return replace(message, text=in_words(SENT, message.locale, code=code).text, code=code)


def verification_of(user: User) -> PhoneVerification | None:
    """What is under way for the number that the person has now."""
    found = PhoneVerification.objects.filter(user=user, phone_number=str(user.phone_number))
    return found.filter(expires_at__gt=timezone.now()).first()


def code_of(verification: PhoneVerification) -> str:
    """Six digits that nobody can work out without our secret."""
    what = f"{verification.pk} {verification.phone_number} {verification.nonce}"
    digest = salted_hmac("core.phone_code", what, algorithm="sha256").hexdigest()
    return f"{int(digest, 16) % 10**DIGITS:0{DIGITS}}"


PHONE_CODE = PhoneCode()
