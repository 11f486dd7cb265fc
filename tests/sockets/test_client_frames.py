"""What a v2 client may say, without a socket."""

from typing import Any
from urllib.parse import parse_qs

import pytest

from core.action_serializers import MarkAsReadSerializer
from core.client_frames import (
    MOST_IDS,
    Ack,
    Auth,
    BadFrame,
    Frame,
    MarkAllRead,
    MarkRead,
    Ping,
    Presence,
    Resume,
    Typing,
    parse,
    position,
)

TOO_LARGE = 2**63
BAD_JSON = ["", "{", "null", "[]", '"ping"', "1", '{"type": NaN}', "\0", "[" * 50_000, "1" * 5_000]


@pytest.mark.parametrize(
    ("text", "frame"),
    [
        ('{"type": "ping"}', Ping(None)),
        ('{"type": "ping", "ref": 7}', Ping(7)),
        ('{"type": "ping", "ref": "\\ud800"}', Ping("\ud800")),
        ('{"type": "resume", "ref": "a", "since": 0}', Resume("a", 0)),
        ('{"type": "resume", "since": 5, "epoch": "0"}', Resume(None, 5, "0")),
        ('{"type": "ack", "seq": 9223372036854775807}', Ack(None, TOO_LARGE - 1)),
        ('{"type": "mark_read", "ids": [3, 3, 4]}', MarkRead(None, [3, 3, 4])),
        ('{"type": "mark_all_read"}', MarkAllRead(None)),
        ('{"type": "mark_all_read", "up_to_seq": null}', MarkAllRead(None)),
        ('{"type": "mark_all_read", "up_to_seq": 4}', MarkAllRead(None, 4)),
        ('{"type": "auth", "token": "x"}', Auth(None, "x")),
        ('{"type": "typing", "conversation": 7}', Typing(None, 7)),
        ('{"type": "presence", "ref": 1, "conversation": 7, "present": false}', Presence(1, 7, present=False)),
    ],
)
def test_a_frame_becomes_one_of_its_kind(text: str, frame: Frame) -> None:
    assert parse(text) == frame


@pytest.mark.parametrize("text", [*BAD_JSON, None])
def test_what_is_no_json_object_is_bad_json(text: str | None) -> None:
    assert refused(text) == ("bad_json", None)


@pytest.mark.parametrize("text", ['{"ref": "r"}', '{"ref": "r", "type": "shout"}', '{"ref": "r", "type": ["ping"]}'])
def test_an_unknown_type_is_said_with_the_ref(text: str) -> None:
    assert refused(text) == ("unknown_type", "r")


@pytest.mark.parametrize("ref", ["[]", "true", "1.5", '"' + "x" * 65 + '"', "1" * 65])
def test_a_ref_is_a_short_text_or_number(ref: str) -> None:
    assert refused(f'{{"type": "ping", "ref": {ref}}}') == ("invalid", None)


@pytest.mark.parametrize(
    ("fields", "named"),
    [
        ('"type": "ping", "loud": 1', "loud"),
        ('"type": "resume"', "since"),
        ('"type": "resume", "since": null', "since"),
        ('"type": "resume", "since": -1', "since"),
        ('"type": "resume", "since": "1"', "since"),
        ('"type": "resume", "since": true', "since"),
        ('"type": "resume", "since": 1.5', "since"),
        (f'"type": "resume", "since": {TOO_LARGE}', "since"),
        ('"type": "resume", "since": 1, "epoch": 0', "epoch"),
        ('"type": "resume", "since": 1, "epoch": "01234567890123456"', "epoch"),
        ('"type": "ack"', "seq"),
        ('"type": "mark_read"', "ids"),
        ('"type": "mark_read", "ids": []', "ids"),
        ('"type": "mark_read", "ids": 5', "ids"),
        ('"type": "mark_read", "ids": [0]', "ids"),
        ('"type": "mark_read", "ids": ["1"]', "ids"),
        ('"type": "typing"', "conversation"),
        ('"type": "typing", "conversation": 0', "conversation"),
        ('"type": "typing", "conversation": "7"', "conversation"),
        ('"type": "typing", "conversation": 7, "present": true', "present"),
        ('"type": "presence", "conversation": 7', "present"),
        ('"type": "presence", "conversation": 7, "present": 1', "present"),
        (f'"type": "presence", "conversation": {TOO_LARGE}, "present": true', "conversation"),
        (f'"type": "mark_read", "ids": {[1] * (MOST_IDS + 1)}', "ids"),
        ('"type": "mark_all_read", "up_to_seq": -1', "up_to_seq"),
        ('"type": "auth", "token": 5', "token"),
    ],
)
def test_a_wrong_field_is_named(fields: str, named: str) -> None:
    with pytest.raises(BadFrame, match=f"^{named}: ") as bad:
        parse(f'{{"ref": 1, {fields}}}')
    assert (bad.value.code, bad.value.ref) == ("invalid", 1)


def test_as_many_ids_as_rest_takes() -> None:
    field: Any = MarkAsReadSerializer().fields["notification_ids"]
    assert field.max_length == MOST_IDS


@pytest.mark.parametrize(
    ("query", "asked"),
    [
        ("", None),
        ("epoch=0", None),
        ("since=", None),
        ("since=0&epoch=", Resume(None, 0)),
        ("since=12&epoch=ab", Resume(None, 12, "ab")),
    ],
)
def test_an_address_may_ask_for_what_was_missed(query: str, asked: Resume | None) -> None:
    assert position(parse_qs(query, keep_blank_values=True)) == asked


@pytest.mark.parametrize("query", ["since=-1", "since=x", "since=1.0", "since=9223372036854775808", "since=٣"])
def test_a_position_that_is_none_is_refused(query: str) -> None:
    with pytest.raises(BadFrame, match=r"^since: "):
        position(parse_qs(query, keep_blank_values=True))
    with pytest.raises(BadFrame, match=r"^epoch: "):
        position(parse_qs("since=1&epoch=" + "x" * 17))


def refused(text: str | None) -> tuple[str, Any]:
    with pytest.raises(BadFrame) as bad:
        parse(text)
    return bad.value.code, bad.value.ref
