"""GET /api/notifications/?cursor= and GET /api/notifications/unread/?cursor="""

from urllib.parse import urlencode

import pytest

from tests.api.cursors import BAD_CURSORS, ids, page, walk
from tests.api.notifications.inbox import URL, Inbox, queries


@pytest.mark.parametrize("path", ["", "unread/"])
def test_walking_by_cursor_is_the_list(inbox: Inbox, path: str) -> None:
    inbox.tell(5)
    assert inbox.get(f"{path}?cursor=&page_size=2")["count"] is None
    newest, second, *others = listed = inbox.ids(path)
    assert walk(inbox.client, f"{URL}{path}?cursor=&page_size=2", "next") == [listed[:2], listed[2:4], listed[4:]]
    first = page(inbox.client, f"{URL}{path}?cursor=&page_size=2")
    assert (first["unread_count"], first["seq"], first["previous"]) == (5, 5, None)
    inbox.tell(3)
    inbox.post(f"{second}/mark_as_read/")
    following = page(inbox.client, first["next"])
    assert (ids(following), following["unread_count"], following["seq"]) == (others[:2], 7, 9)
    before = page(inbox.client, following["previous"])
    assert ids(before) == ([inbox.ids()[2], newest] if path else [newest, second])
    inbox.post("mark_all_as_read/")
    assert ids(page(inbox.client, first["next"])) == ([] if path else others[:2])


def test_filters_hold_for_every_page(inbox: Inbox) -> None:
    first, *_ = inbox.tell(2)
    assert [len(found) for found in walk(inbox.client, f"{URL}?cursor=&notification_type=ALL&page_size=4", "next")] == [
        4,
        2,
    ]
    assert len(walk(inbox.client, f"{URL}?cursor=&ticket={first.pk}&is_read=false", "next")) == 1
    assert walk(inbox.client, f"{URL}?cursor=&archived=true", "next") == [[]]


def test_what_is_no_cursor_is_refused_by_name(inbox: Inbox) -> None:
    inbox.tell()
    for path in ("", "unread/"):
        for wrong in BAD_CURSORS:
            assert set(inbox.get(f"{path}?{urlencode({'cursor': wrong})}", status=400)) == {"cursor"}
        assert set(inbox.get(f"{path}?cursor=&page=1", status=400)) == {"cursor"}


def test_an_unchanged_page_is_304(inbox: Inbox) -> None:
    inbox.tell()
    etag = inbox.client.get(f"{URL}?cursor=").headers["ETag"]
    assert inbox.client.get(f"{URL}?cursor=", HTTP_IF_NONE_MATCH=etag).status_code == 304


def test_nothing_is_counted(inbox: Inbox) -> None:
    inbox.tell(3)
    assert (
        queries(lambda: inbox.client.get(f"{URL}?cursor="))
        == queries(lambda: inbox.client.get(f"{URL}?is_read=false")) - 1
    )
