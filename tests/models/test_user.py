"""People in the database: names and addresses are taken whatever their case, zones have to exist."""

import pytest
from django.core.exceptions import ValidationError
from django.core.management import CommandError, call_command

from core.models import Role, User
from tests.tickets import Api


def test_a_superuser_is_an_admin(db: None) -> None:
    user = User.objects.create_superuser("root", "root@example.com", "a quite long phrase")
    assert (user.role, user.is_staff, user.has_perm("core.change_ticket")) == (Role.ADMIN, True, True)


@pytest.mark.parametrize(
    ("name", "email", "said"),
    [
        ("ADA", "new@example.com", "This username is taken."),
        ("nina", "ADA@example.com", "This e-mail address is taken."),
    ],
)
def test_createsuperuser_says_what_is_taken(ada: User, name: str, email: str, said: str) -> None:
    with pytest.raises((CommandError, ValidationError), match=said):
        call_command("createsuperuser", interactive=False, username=name, email=email)
    assert User.objects.count() == 1


def test_who_has_a_name_in_other_letters_keeps_it(api: Api, ada: User) -> None:
    """Earlier releases took it."""
    emile = User.objects.create_user("Émile", "émile@example.com", "a quite long phrase")
    assert api(ada).patch(f"/api/users/{emile.pk}/", {"locale": "fr"}).status_code == 200
    emile.refresh_from_db()
    assert (emile.username, emile.locale) == ("Émile", "fr")


def test_only_zones_that_exist_are_taken(ada: User) -> None:
    ada.timezone = "Europe/Atlantis"
    with pytest.raises(ValidationError, match="IANA"):
        ada.full_clean()


def test_who_gave_no_name_is_called_by_username(ada: User) -> None:
    ada.first_name = ada.last_name = ""
    assert ada.full_name == str(ada) == "ada"
