"""Every message there is, in every language and on every channel: whole, readable, and in one piece."""

from dataclasses import replace
from email import message_from_bytes, policy
from html.parser import HTMLParser

import pytest

from core.notifications import registry
from core.notifications.examples import examples
from core.notifications.letters import LETTERS
from core.notifications.mail import MOST_LINES, compose
from core.notifications.message import LANGUAGES, Line, Outgoing
from core.notifications.phrases import PHRASES, phrases

pytestmark = pytest.mark.django_db  # a code looks for whom it is
VOID = {"meta", "br", "img", "hr", "link"}

in_every_language = pytest.mark.parametrize("locale", LANGUAGES)
on_every_channel = pytest.mark.parametrize("channel", sorted(registry.channels()))


class Tags(HTMLParser):
    """Which elements are open; an end that fits no beginning is an error, as are links to nowhere."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.links: list[str] = []
        self.language = ""
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag not in VOID:
            self.open.append(tag)
        if tag == "html":
            self.language = given["lang"] or ""
        if tag == "a":
            self.links.append(given["href"] or "")
        assert tag != "img"  # what is not loaded is not missed
        assert tag != "script"

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


@on_every_channel
@in_every_language
def test_every_message_is_whole(locale: str, channel: str) -> None:
    show = registry.channels()[channel].show
    found = examples(channel, locale)
    assert set(registry.events()) <= set(found)
    for name, message in found.items():
        shown = show(message)
        said = f"{shown.subject}\n{shown.text}"
        assert not set("{}") & set(said + message.text), name
        assert "None" not in said, name
        assert shown.text.strip(), name
        assert "http://testserver/" in shown.text, name
        assert len(shown.subject.splitlines()) <= 1, name


@on_every_channel
def test_every_message_is_another_in_every_language(channel: str) -> None:
    said = [examples(channel, locale) for locale in LANGUAGES]
    for name in said[0]:
        assert len({found[name].text for found in said}) == len(LANGUAGES), name


@in_every_language
def test_every_mail_can_be_read_as_html_and_as_text(locale: str) -> None:
    show = registry.channels()["EMAIL"].show
    for name, message in examples("EMAIL", locale).items():
        shown = show(message)
        page = Tags(shown.html)
        assert page.open == [], name
        assert page.language == locale, name
        assert 'name="color-scheme" content="light dark"' in shown.html
        assert "prefers-color-scheme: dark" in shown.html
        assert page.links, name
        assert all(link in shown.text for link in page.links), name
        is_letter = message.event in LETTERS
        assert [link for link in page.links if "/unsubscribe/" in link] == [] if is_letter else page.links[-1:], name


@in_every_language
def test_every_mail_goes_over_the_wire_as_it_is(locale: str) -> None:
    for name, message in examples("EMAIL", locale).items():
        mail = compose("you@example.com", message)
        sent = mail.message().as_bytes()
        assert max(len(line) for line in sent.split(b"\n")) <= 998, name
        head = sent.partition(b"\n\n")[0]
        assert head.isascii(), name
        assert max(len(line) for line in head.split(b"\n")) <= 150, name
        read = message_from_bytes(sent, policy=policy.default)["Subject"]
        assert read.strip() == mail.subject, name  # one that has to be encoded begins on the second line


def many(count: int) -> Outgoing:
    digest = examples("EMAIL", "en")["digest"]
    lines = [
        Line(f"Subject {n}", f"<b>Text {n}</b>", f"http://testserver/n/{n}/", digest.created_at) for n in range(count)
    ]
    return Outgoing(**{name: getattr(digest, name) for name in digest.__slots__} | {"lines": tuple(lines)})


def test_a_digest_has_a_link_for_each_and_says_how_many_are_left_out() -> None:
    shown = registry.channels()["EMAIL"].show(many(MOST_LINES + 7))
    links = [link for link in Tags(shown.html).links if "/n/" in link]
    assert links == [f"http://testserver/n/{number}/" for number in range(MOST_LINES)]
    assert "and 7 more" in shown.text
    assert "and 7 more" in shown.html
    assert "<b>" not in shown.html
    assert "<b>Text 0</b>\nhttp://testserver/n/0/\n" in shown.text
    assert "and 0 more" not in registry.channels()["EMAIL"].show(many(MOST_LINES)).html


def test_a_digest_stays_within_what_mail_servers_take() -> None:
    long = replace(many(MOST_LINES), lines=tuple(replace(line, text="가" * 2_000) for line in many(MOST_LINES).lines))
    mail = compose("you@example.com", long)
    assert len(mail.message().as_bytes()) < 1_000_000
    assert "and 84 more" in mail.body
    huge = replace(long, lines=tuple(replace(line, text="가" * 50_000) for line in long.lines))
    assert "and 99 more" in compose("you@example.com", huge).body


def test_what_somebody_said_stands_in_the_languages_quotation_marks() -> None:
    event = registry.events()["comment_added"]
    words = event.example.comment
    for locale, said in {"en": f"“{words}”", "de-AT": f"„{words}“", "es": f"«{words}»", "fr": f"“{words}”"}.items():
        assert event.message(event.example, locale).text.endswith(f" — {said}"), locale


def test_our_own_phrases_are_in_every_language() -> None:
    assert tuple(PHRASES) == LANGUAGES
    for name in PHRASES["en"].__slots__:
        assert len({getattr(PHRASES[locale], name) for locale in LANGUAGES}) == len(LANGUAGES), name
    assert phrases("de-AT") is PHRASES["de"]
    assert phrases("fr") is PHRASES["en"]
