"""People: exactly one role each; ADMIN is what Django's admin site calls staff."""

from functools import cache
from typing import Any
from zoneinfo import available_timezones

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager
from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.db import models
from django.db.models.functions import Lower
from django.utils.timezone import now
from phonenumber_field.modelfields import PhoneNumberField

from core.models.choices import Role

# No "@": a name must never look like somebody's e-mail address, since both sign in. Names and addresses of other
# letters would not be taken whatever their case: SQLite's LOWER() knows A to Z alone.
username_validator = RegexValidator(
    r"^[A-Za-z0-9_.+-]+\Z", "Enter a valid username: letters from A to Z, digits and . + - _ only."
)


def validate_ascii(value: str) -> None:
    """Refuse an address in other letters; a domain that has them has a name in ASCII, too."""
    if not value.isascii():
        raise ValidationError("Enter an address in ASCII, with its domain as in DNS: xn--mller-kva.example.")


@cache
def known_timezones() -> set[str]:
    """Read once: it walks the system's directory."""
    return available_timezones()


def validate_timezone(value: str) -> None:
    """Refuse what is not an IANA time zone name."""
    if value not in known_timezones():
        raise ValidationError("Enter a valid IANA time zone, such as Europe/Vienna.")


class UserManager(BaseUserManager["User"]):
    def create_user(self, username: str, email: str, password: str | None = None, **fields: Any) -> "User":
        """Create a person; without a password nobody can sign in with it until one is set."""
        user = self.model(username=username, email=self.normalize_email(email), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def matching(self, field: str, *values: str) -> "models.QuerySet[User]":
        """People whose username or e-mail address is among `values` in whatever case, as the constraints have it."""
        wanted = [Lower(models.Value(value, output_field=models.CharField())) for value in values]
        return self.alias(key=Lower(field)).filter(key__in=wanted)

    def create_superuser(self, username: str, email: str, password: str | None = None, **fields: Any) -> "User":
        """Create an admin; ValidationError, which the command shows, for a name or address that is taken."""
        self.model(username=username, email=email).full_clean(exclude=["password"])
        return self.create_user(username, email, password, **fields | {"role": Role.ADMIN})


class User(AbstractBaseUser):
    username = models.CharField(max_length=150, unique=True, validators=[username_validator])
    email = models.EmailField(max_length=254, validators=[validate_ascii])
    first_name = models.CharField(max_length=150, blank=True)
    last_name = models.CharField(max_length=150, blank=True)
    role = models.CharField(max_length=16, choices=Role.choices, default=Role.CLIENT)
    phone_number = PhoneNumberField(blank=True, default="")
    locale = models.CharField(max_length=16, default="en", validators=[RegexValidator(r"^[a-z]{2,3}(-[A-Z]{2})?\Z")])
    timezone = models.CharField(max_length=64, default="UTC", validators=[validate_timezone])
    phone_verified_at = models.DateTimeField(null=True, blank=True, editable=False)
    whatsapp_opted_in = models.BooleanField(default=False, db_default=False)
    whatsapp_inbound_at = models.DateTimeField(null=True, blank=True, editable=False)
    is_active = models.BooleanField(default=True)
    date_joined = models.DateTimeField(default=now, editable=False)

    objects = UserManager()

    USERNAME_FIELD = "username"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS = ["email"]

    class Meta:
        constraints = [
            models.CheckConstraint(name="user_role_known", condition=models.Q(role__in=Role.values)),
            models.CheckConstraint(name="user_name_is_no_address", condition=~models.Q(username__contains="@")),
            models.UniqueConstraint(
                Lower("username"), name="user_name_once", violation_error_message="This username is taken."
            ),
            models.UniqueConstraint(
                Lower("email"), name="user_email_once", violation_error_message="This e-mail address is taken."
            ),
            models.UniqueConstraint(
                fields=["phone_number"],
                name="verified_number_once",
                condition=models.Q(phone_verified_at__isnull=False),
            ),
        ]
        indexes = [
            models.Index(fields=["role", "is_active"], name="user_by_role"),
            models.Index(fields=["phone_number"], name="user_by_number"),
        ]

    def __str__(self) -> str:
        return self.username

    @property
    def full_name(self) -> str:
        """First and last name, or the username of somebody who gave neither."""
        return f"{self.first_name} {self.last_name}".strip() or self.username

    @property
    def is_staff(self) -> bool:
        return self.role == Role.ADMIN

    def has_perm(self, _permission: str, _obj: object = None) -> bool:
        return self.is_active and self.role == Role.ADMIN

    def has_module_perms(self, _app_label: str) -> bool:
        return self.is_active and self.role == Role.ADMIN
