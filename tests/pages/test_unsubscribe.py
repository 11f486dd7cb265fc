"""/unsubscribe/<token>/: the link at the end of every mail, for people and for the button of mail programs."""

import re

import pytest
from django.db import transaction
from django.test import Client

from core.models import Preference, Role, User
from core.notifications import unsubscribe
from core.notifications.deliver import drain
from core.notifications.letters import PASSWORD_RESET
from core.notifications.post import post
from tests.conftest import PASSWORD, MakeTicket
from tests.fakes.smtp import FakeSmtp

ONE_CLICK = {"List-Unsubscribe": "One-Click"}


def path_of(user: User) -> str:
    return unsubscribe.link(user.pk).removeprefix("http://testserver")


def off(user: User) -> dict[str, list[str]]:
    found = Preference.objects.filter(user=user).first()
    return found.off if found else {}


def test_the_button_of_a_mail_program_turns_e_mail_off(make_ticket: MakeTicket, ada: User, mailbox: FakeSmtp) -> None:
    make_ticket(quiet=False)
    drain("EMAIL")
    mail = mailbox.take(ada.email)
    assert mail.message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    url = mail.message["List-Unsubscribe"].strip(" <>")
    assert url in mail.text
    assert url in mail.html
    stranger = Client(enforce_csrf_checks=True)  # no cookies, no session
    for _ in range(2):
        answer = stranger.post(
            url.removeprefix("http://testserver"),
            "List-Unsubscribe=One-Click",
            content_type="application/x-www-form-urlencoded",
        )
        assert (answer.status_code, off(ada)) == (200, {"EMAIL": ["*", "!"]})


def test_the_link_asks_first_in_the_language_of_its_owner(client: Client, dan: User) -> None:
    User.objects.filter(pk=dan.pk).update(locale="de-AT")
    page = client.get(path_of(dan))
    assert "E-Mails abschalten?" in page.content.decode()
    assert '<html lang="de">' in page.content.decode()
    assert "form-action 'self'" in page["Content-Security-Policy"]
    assert (page["Cache-Control"], page["Referrer-Policy"]) == ("no-store", "no-referrer")
    assert not Preference.objects.exists()
    fields = dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]+)"', page.content.decode()))
    done = client.post(path_of(dan), fields)
    assert "E-Mails sind abgeschaltet" in done.content.decode()
    assert off(dan) == {"EMAIL": ["*", "!"]}


def test_other_wishes_stay(client: Client, dan: User) -> None:
    Preference.objects.create(user=dan, off={"WHATSAPP": ["comment_added"], "EMAIL": ["mentioned"]})
    client.post(path_of(dan), ONE_CLICK)
    assert off(dan) == {"WHATSAPP": ["comment_added"], "EMAIL": ["*", "!"]}


def test_a_new_password_or_address_does_not_break_it(client: Client, dan: User) -> None:
    path = path_of(dan)
    dan.set_password("another long phrase")
    dan.email = "elsewhere@example.com"
    dan.save()
    assert client.post(path, ONE_CLICK).status_code == 200


@pytest.mark.parametrize("body", [{}, {"List-Unsubscribe": "Maybe"}])
def test_a_request_that_does_not_say_so_is_refused(client: Client, dan: User, body: dict[str, str]) -> None:
    assert client.post(path_of(dan), body).status_code == 400
    assert not Preference.objects.exists()
    assert client.put(path_of(dan)).status_code == 405


def test_a_link_that_is_not_whole_is_nobodys(client: Client, dan: User) -> None:
    good = path_of(dan)
    others = [
        good.replace(f"/{dan.pk}.", f"/{dan.pk + 1}."),
        f"{good[:-2]}/",
        "/unsubscribe/x/",
        f"/unsubscribe/{'9' * 300}/",
    ]
    gone = User.objects.create_user("gone", "gone@example.com", PASSWORD, role=Role.CLIENT)
    others.append(path_of(gone))
    gone.delete()
    for path in others:
        assert client.get(path).status_code == client.post(path, ONE_CLICK).status_code == 404, path
    assert not Preference.objects.exists()


def test_a_letter_has_none(dan: User, mailbox: FakeSmtp) -> None:
    with transaction.atomic():
        post(PASSWORD_RESET, to=dan)
    drain("EMAIL")
    mail = mailbox.take(dan.email)
    assert (mail.message["List-Unsubscribe"], mail.message["List-Unsubscribe-Post"]) == (None, None)
    assert "/unsubscribe/" not in mail.text + mail.html
