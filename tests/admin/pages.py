"""What a page of the admin site holds."""

from html import unescape
from re import findall
from typing import Any


def initially(response: Any) -> dict[str, str]:
    """What the page remembers of the values it showed."""
    hidden = findall(r'<input type="hidden" name="(initial-[^"]+)"(?: value="([^"]*)")?', response.content.decode())
    assert hidden
    return {name: unescape(value) for name, value in hidden}
