"""POST /api/users/{id}/invite/"""

from collections.abc import Callable

import pytest

from core.models import Role, User
from tests.api.users.calls import NOBODY, only_for_admins, refused, url
from tests.fakes.smtp import FakeSmtp
from tests.letters import link_in
from tests.tickets import NOT_ACCEPTED, Api


@pytest.fixture
def nina(db: None) -> User:
    """Has an account and no password."""
    return User.objects.create_user("nina", "nina@example.com", role=Role.CLIENT)


def test_the_invitation_goes_again_once_a_minute(
    api: Api,
    ada: User,
    nina: User,
    deliver: Callable[[], None],
    mailbox: FakeSmtp,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    client = api(ada)
    for minute in ("first", "first", "second"):
        monkeypatch.setattr("core.actions.users.this_minute", lambda now=minute: now)
        assert client.post(url(nina, "invite")).json() == client.get(url(nina)).json()
    deliver()
    links = [link_in(mailbox.take(nina.email)) for _ in range(2)]
    assert {link.uid for link in links} == {str(nina.pk)}


def test_who_has_a_password_is_not_invited(api: Api, ada: User, dan: User) -> None:
    assert refused(409, api(ada).post, url(dan, "invite"))["code"] == "password_is_set"


def test_who_has_been_deactivated_is_not_invited(api: Api, ada: User, nina: User) -> None:
    User.objects.filter(pk=nina.pk).update(is_active=False)
    assert refused(409, api(ada).post, url(nina, "invite"))["code"] == "user_inactive"


def test_it_takes_no_input(api: Api, ada: User, nina: User) -> None:
    assert refused(400, api(ada).post, url(nina, "invite"), {"nonsense": 1}) == {"nonsense": NOT_ACCEPTED}
    assert refused(404, api(ada).post, url(NOBODY, "invite"), {"nonsense": 1})["code"] == "not_found"


def test_only_admins_invite(api: Api, dan: User, cleo: User, nina: User) -> None:
    only_for_admins(lambda client: client.post, api, [dan, cleo], url(nina, "invite"))
