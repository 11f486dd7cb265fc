"""What tests do with letters: follow their links."""

import re
from dataclasses import dataclass
from urllib.parse import parse_qs

from tests.fakes.smtp import FakeSmtp, Mail

LINK = re.compile(r"https?://\S+\?\S+")


@dataclass(frozen=True, slots=True)
class Link:
    url: str
    uid: str
    token: str


def link_in(mail: Mail) -> Link:
    """The one link of a letter."""
    (url,) = LINK.findall(mail.text)
    assert url.replace("&", "&amp;") in mail.html
    query = parse_qs(url.partition("?")[2])  # an app may have it after a "#"
    return Link(url, *(query[name][0] for name in ("uid", "token")))


def link_to(mailbox: FakeSmtp, address: str) -> Link:
    """The link of the next letter to this address."""
    return link_in(mailbox.take(address))
