"""What people write back by WhatsApp, taken apart."""

import pytest

from core.domain.replies import Said, consents, fault, understand


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("ack", (None, "start_work", "")),
        ("Start!", (None, "start_work", "")),
        ("ack thanks", (None, "add_comment", "ack thanks")),
        ("start the server again", (None, "add_comment", "start the server again")),
        ("done", (None, "finish_work", "")),
        ("Done.", (None, "finish_work", "")),
        ("DONE \u2013 the disk\nwas full", (None, "finish_work", "the disk\nwas full")),
        ("donec quam", (None, "add_comment", "donec quam")),
        ("is it done?", (None, "add_comment", "is it done?")),
        ("INC-000042", (42, "", "")),
        ("inc 42.", (42, "", "")),
        ("Inc42: ack", (42, "start_work", "")),
        ("INC-000042 done fixed it", (42, "finish_work", "fixed it")),
        ("INC-42 see INC-43", (42, "add_comment", "see INC-43")),
        ("INC-42b is not it", (None, "add_comment", "INC-42b is not it")),
        ("incoming 42", (None, "add_comment", "incoming 42")),
        ("INC-٤٢ ack", (None, "add_comment", "INC-٤٢ ack")),
        (f"INC-{'9' * 19}", (None, "add_comment", f"INC-{'9' * 19}")),
    ],
)
def test_what_is_meant(text: str, said: tuple[int | None, str, str]) -> None:
    assert understand(text) == Said(*said)


@pytest.mark.parametrize(
    ("text", "told", "wish"),
    [
        ("STOP", "", False),
        ("Stop.", "", False),
        ("unstop", "", True),
        ("stop it", "", None),
        ("hello", "", None),
        ("arrêt", "STOP", False),
        ("hola", "START", True),
        ("help", "HELP", None),
    ],
)
def test_whether_messages_are_wanted(text: str, told: str, wish: bool | None) -> None:
    assert consents(text, told) is wish


@pytest.mark.parametrize(
    ("said", "wrong"),
    [
        (Said(1, "start_work", ""), ""),
        (Said(1, "finish_work", ""), ""),
        (Said(1, "finish_work", "1234"), "too_short"),
        (Said(1, "finish_work", "12345"), ""),
        (Said(1, "add_comment", "12"), "too_short"),
        (Said(1, "add_comment", "123"), ""),
        (Said(1, "add_comment", "x" * 2_000), ""),
        (Said(1, "add_comment", "x" * 2_001), "too_long"),
        (Said(1, "add_comment", "\u200b" * 3), "too_short"),
    ],
)
def test_comments_are_as_long_as_on_tickets(said: Said, wrong: str) -> None:
    assert fault(said) == wrong
