"""Who takes part."""

from django.utils.timezone import now

from core.models import Role, User


def person(username: str, role: Role) -> User:
    """Somebody whom every channel reaches; with a number of their own, as it is verified."""
    return User.objects.create(
        username=username,
        email=f"{username}@example.com",
        first_name=username.capitalize(),
        last_name=role.capitalize(),
        role=role,
        phone_number=f"+1202555{User.objects.count():04d}",
        phone_verified_at=now(),
        whatsapp_opted_in=True,
        whatsapp_inbound_at=now(),
    )


def three_admins() -> list[User]:
    return [person(f"admin{number}", Role.ADMIN) for number in range(3)]
