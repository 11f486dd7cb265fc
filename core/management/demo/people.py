"""The demo people. Their addresses and numbers are reserved for examples and reach nobody."""

from dataclasses import dataclass

from django.utils import timezone

from core.models import Role, User

PASSWORD = "demo-password"  # noqa: S105 - known to everybody, which is why demo mode stays on this machine


@dataclass(frozen=True, slots=True)
class Person:
    username: str
    role: Role
    first_name: str
    last_name: str
    phone_number: str

    def create(self) -> User:
        return User.objects.create_user(
            self.username,
            f"{self.username}@example.com",
            PASSWORD,
            role=self.role,
            first_name=self.first_name,
            last_name=self.last_name,
            phone_number=self.phone_number,
            phone_verified_at=timezone.now(),
            whatsapp_opted_in=True,
            whatsapp_inbound_at=timezone.now(),
        )


PEOPLE = (
    Person("ada", Role.ADMIN, "Ada", "Moreau", "+12025550101"),
    Person("dan", Role.DEVELOPER, "Dan", "Okafor", "+12025550102"),
    Person("dora", Role.DEVELOPER, "Dora", "Lindqvist", "+12025550103"),
    Person("cleo", Role.CLIENT, "Cleo", "Marsh", "+12025550104"),
    Person("carl", Role.CLIENT, "Carl", "Jensen", "+12025550105"),
)
