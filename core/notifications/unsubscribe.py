"""The link at the end of a mail that turns e-mail off for its recipient, and does nothing else.

It works for good: whoever finds an old mail may want no new ones. Only a change of SECRET_KEY ends it.
"""

from django.conf import settings
from django.core.signing import BadSignature, Signer

SIGNER = Signer(sep=".", salt="core.unsubscribe")


def link(user_id: int) -> str:
    return f"{settings.PUBLIC_URL}/unsubscribe/{SIGNER.sign(str(user_id))}/"


def recipient(token: str) -> int | None:
    """Whose link it is; None when it is none of ours."""
    try:
        return int(SIGNER.unsign(token))
    except BadSignature:
        return None
