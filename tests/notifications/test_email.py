"""E-mail, through a real SMTP conversation: what arrives, and over which connections."""

from collections.abc import Callable
from datetime import UTC, datetime
from smtplib import SMTP

import pytest

from core.actions import tickets
from core.models import Ticket, User
from core.notifications.channels import email
from core.notifications.deliver import drain
from core.notifications.message import Outgoing
from core.notifications.smtp import EmailBackend
from tests.conftest import MakeTicket
from tests.fakes.smtp import FakeSmtp, Mail
from tests.notifications.support import SENT, at_once, make_due, row_of

ADA = "ada@example.com"


def letter(delivery_id: int = 1, *, subject: str = "A subject", text: str = "A text") -> Outgoing:
    return Outgoing(
        delivery_id=delivery_id,
        attempt_id=1,
        recipient_id=1,
        locale="en",
        event="ticket_created",
        resource="ticket-42",
        number="INC-000042",
        subject=subject,
        text=text,
        link=f"http://testserver/n/link-{delivery_id}/",
        created_at=datetime.now(UTC),
    )


@pytest.fixture
def arrive(mailbox: FakeSmtp) -> Callable[[Outgoing], Mail]:
    def sent(message: Outgoing) -> Mail:
        email.channel.send(ADA, message)
        return mailbox.take(ADA)

    return sent


def words(mail: Mail) -> str:
    """The text as it reads; on the way its lines end as SMTP wants it."""
    return mail.text.replace("\r\n", "\n").rstrip()


def resting_connection() -> object:
    """The one connection that waits for the next mail."""
    (backend,) = email.channel._resting
    assert isinstance(backend, EmailBackend)
    return backend.connection


# --- The mail -----------------------------------------------------------------------------------


def test_a_mail_says_it_in_text_and_html_and_links_to_it(told: Ticket, ada: User, mailbox: FakeSmtp) -> None:
    drain("EMAIL")
    row, mail = row_of(ada, "EMAIL"), mailbox.take(ADA)
    link = f"http://testserver/n/{row.link_key}/"
    assert mail.sender == "incidents@example.com"
    assert (mail.to, mail.message["To"]) == (ADA, ADA)
    assert mail.message["From"] == "Incident Management <incidents@example.com>"
    assert mail.message["Subject"] == f"{told.number} raised: {told.title}"
    assert mail.message["Auto-Submitted"] == "auto-generated"
    assert words(mail).startswith(f"Cleo Client raised ticket: {told.title}\n\n{link}\n\nYou get this mail because")
    assert f"Cleo Client raised ticket: {told.title}" in mail.html
    assert f'href="{link}"' in mail.html
    assert (
        row.provider_id
        == mail.message["Message-ID"]
        == f"<delivery-{row.pk}.{row.created_at:%Y%m%d%H%M%S}@example.com>"
    )


def test_each_recipient_gets_a_mail_of_its_own(
    make_ticket: MakeTicket, ada: User, dan: User, dora: User, mailbox: FakeSmtp
) -> None:
    ticket = make_ticket()
    tickets.assign(actor=ada, ticket_id=ticket.pk, assigned_to=[dan.pk, dora.pk])
    drain("EMAIL")
    mails = mailbox.take_all(count=3)
    assert sorted(mail.to for mail in mails) == ["cleo@example.com", "dan@example.com", "dora@example.com"]
    assert all(mail.to == mail.message["To"] for mail in mails)
    assert len({mail.message["Message-ID"] for mail in mails}) == 3


def test_mails_of_one_ticket_form_a_thread(make_ticket: MakeTicket, ada: User, dan: User, mailbox: FakeSmtp) -> None:
    first, second = make_ticket(), make_ticket()
    for ticket in (first, second):
        tickets.assign(actor=ada, ticket_id=ticket.pk, assigned_to=[dan.pk])
    tickets.open_ticket(actor=ada, ticket_id=make_ticket().pk)
    drain("EMAIL")
    threads = [(mail.message["References"], mail.message["In-Reply-To"]) for mail in mailbox.take_all()]
    assert all(references == reply for references, reply in threads)
    expected = [f"<ticket-{ticket.pk}@example.com>" for ticket in (first, second)]
    assert [sum(references == thread for references, _ in threads) for thread in expected] == [2, 2]


def test_html_in_a_text_is_shown_and_not_obeyed(arrive: Callable[[Outgoing], Mail]) -> None:
    mail = arrive(letter(text="<script>alert('1')</script> & more\nsecond line"))
    assert words(mail).startswith("<script>alert('1')</script> & more\nsecond line\n")
    assert "<script>" not in mail.html
    assert "&lt;script&gt;alert(&#x27;1&#x27;)&lt;/script&gt; &amp; more<br>second line" in mail.html


@pytest.mark.parametrize(
    ("subject", "expected"),
    [
        ("Hi\nBcc: all@example.com", "Hi Bcc: all@example.com"),
        ("Hi\r\n\r\nnew body", "Hi new body"),
        ("Grüße — “Äpfel” 🙂", "Grüße — “Äpfel” 🙂"),
        (("wörter " * 43)[:300], ("wörter " * 43)[:300].strip()),
        ("x" * 300, "x" * 300),
    ],
    ids=["newline", "blank line", "unicode", "long unicode", "one long word"],
)
def test_any_subject_stays_one_header(subject: str, expected: str, arrive: Callable[[Outgoing], Mail]) -> None:
    mail = arrive(letter(subject=subject))
    assert mail.message["Subject"].strip() == expected  # a long one begins on the second line
    assert mail.message["Bcc"] is None
    assert words(mail).startswith("A text\n")


def test_lines_of_any_length_arrive_whole(arrive: Callable[[Outgoing], Mail]) -> None:
    text = "ä🙂" * 2_000 + "\n.\n..dots\n" + "x" * 5_000
    assert words(arrive(letter(text=text))).startswith(f"{text}\n")


def test_a_retry_has_the_same_message_id(told: Ticket, ada: User, mailbox: FakeSmtp) -> None:
    mailbox.refuse(450, times=1)
    drain("EMAIL")
    make_due(row_of(ada, "EMAIL"))
    drain("EMAIL")
    row = row_of(ada, "EMAIL")
    assert (row.status, row.attempts) == (SENT, 2)
    assert (
        mailbox.take(ADA).message["Message-ID"]
        == f"<delivery-{row.pk}.{row.created_at:%Y%m%d%H%M%S}@example.com>"
        == row.provider_id
    )


def test_who_has_no_address_has_none() -> None:
    assert email.channel.address(User(email="")) is None


# --- Connections --------------------------------------------------------------------------------


def test_many_mails_go_over_one_connection(mailbox: FakeSmtp) -> None:
    email.channel.close()
    seen = set()
    for number in range(5):
        email.channel.send(ADA, letter(number))
        seen.add(resting_connection())
    assert len(seen) == 1
    mailbox.take_all(count=5)


def test_a_stale_connection_is_opened_anew(mailbox: FakeSmtp) -> None:
    for number in range(3):
        email.channel.send(ADA, letter(number))
        mailbox.stop()
        mailbox.start()
    mailbox.take_all(count=3)


def test_a_connection_the_server_has_ended_politely_is_opened_anew(mailbox: FakeSmtp) -> None:
    email.channel.close()
    email.channel.send(ADA, letter(1))
    connection = resting_connection()
    assert isinstance(connection, SMTP)
    connection.docmd("QUIT")
    assert connection.sock is not None
    assert connection.sock.recv(1) == b""
    email.channel.send(ADA, letter(2))
    assert resting_connection() is not connection
    mailbox.take_all(count=2)


def test_after_a_failure_the_next_mail_gets_a_new_connection(mailbox: FakeSmtp, told: Ticket) -> None:
    email.channel.close()
    email.channel.send(ADA, letter())
    before = resting_connection()
    mailbox.refuse(450, times=1)
    drain("EMAIL")
    email.channel.send(ADA, letter())
    assert resting_connection() is not before
    mailbox.take_all(count=2)


def test_mails_sent_at_once_do_not_share_a_conversation(mailbox: FakeSmtp) -> None:
    def many(first: int) -> Callable[[], None]:
        def send() -> None:
            for number in range(first, first + 10):
                email.channel.send(ADA, letter(number, text=f"text {number} " * 50))

        return send

    at_once(*(many(first) for first in (0, 10, 20)))
    mails = mailbox.take_all(count=30)
    assert len({mail.message["Message-ID"] for mail in mails}) == 30
    for mail in mails:
        number = mail.message["Message-ID"].removeprefix("<delivery-").partition(".")[0]
        assert words(mail).startswith(f"text {number} text {number}")


def test_close_lets_go_of_the_connection(mailbox: FakeSmtp) -> None:
    email.channel.send(ADA, letter())
    email.channel.close()
    assert not email.channel._resting
    email.channel.send(ADA, letter())
    mailbox.take_all(count=2)
