"""What a new password has to be."""

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError

from core.domain.errors import Invalid
from core.models import User


def require_strong(password: str, user: User, *, field: str = "password") -> None:
    """Raise Invalid, naming `field`, for one that the settings' validators find weak."""
    try:
        validate_password(password, user=user)
    except ValidationError as error:
        raise Invalid({field: error.messages}) from error
