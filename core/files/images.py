"""Images: whole, no larger than a screen can use, and with nothing behind their end or hidden in them.

What stands behind an image's end is how one file is two: a picture here, a page or an archive there.
"""

import re
import struct
from collections.abc import Callable, Iterator
from io import BytesIO

from PIL import Image

from core.files.limits import MAX_PIXELS, unfit

Image.MAX_IMAGE_PIXELS = None  # judged here, from the header; Pillow would refuse twice its limit and warn before

PAGE = re.compile(rb"<script|<\?php\s|<html[\s>]|<!doctype", re.IGNORECASE)
# Headers that a browser could also read as the beginning of JavaScript: a name, then a comment or an assignment.
SCRIPT = re.compile(rb"GIF8[79]a(/[*/]|[=;][\t-\r -~]|\s[=;/])|\xff\xd8\xff.(/\*|=[\"'`/])", re.DOTALL)
SCAN_END = re.compile(rb"\xff[^\x00\xff\xd0-\xd7]")
PNG = b"\x89PNG\r\n\x1a\n"
# In a whole file: more than any camera or program writes; decoders take seconds for millions of them.
MAX_PARTS = 10_000
MAX_BLOCKS = 100_000


def png(content: bytes) -> None:
    _check(content, "PNG", _png_end)


def jpeg(content: bytes) -> None:
    _check(content, "JPEG", _jpeg_end)


def gif(content: bytes) -> None:
    _check(content, "GIF", _gif_end)


def webp(content: bytes) -> None:
    _check(content, "WEBP", _webp_end)


def refuse_pages(content: bytes) -> None:
    """Nothing that a browser might run stands in a binary file, in a comment for instance."""
    if PAGE.search(content):
        raise unfit("There is a script or a page inside this file.")


def _check(content: bytes, kind: str, end: Callable[[bytes], int]) -> None:
    try:
        whole = end(content) == len(content)
    except (IndexError, struct.error, ValueError) as error:
        raise _broken(kind) from error
    if not whole or SCRIPT.match(content):
        raise unfit(f"There is more in this file than a {kind} image.")
    refuse_pages(content)
    width, height = _size(content, kind)
    if width * height > MAX_PIXELS:
        raise unfit(f"An image may have at most {MAX_PIXELS // 1_000_000} megapixels.")


def _size(content: bytes, kind: str) -> tuple[int, int]:
    """Width and height as the header says; nothing is unpacked."""
    try:
        with Image.open(BytesIO(content), formats=[kind]) as image:
            size = image.size
            image.verify()
    except Exception as error:  # decoders raise anything at hostile input
        raise _broken(kind) from error
    return size


def _broken(kind: str) -> Exception:
    return unfit(f"This is no {kind} image, or it is broken.")


def _png_end(content: bytes) -> int:
    at = len(PNG)
    for _ in range(MAX_PARTS):
        kind = content[at + 4 : at + 8]
        at += 12 + int.from_bytes(content[at : at + 4], "big")
        if kind == b"IEND":
            return at
    raise ValueError("too many parts")


def _jpeg_end(content: bytes) -> int:
    """Cameras put several images one after the other (a preview, a map of brightness)."""
    at, parts = 0, iter(range(MAX_PARTS))
    while content.startswith(b"\xff\xd8", at):
        at = _one_jpeg_end(content, at + 2, parts)
    return at


def _one_jpeg_end(content: bytes, at: int, parts: Iterator[int]) -> int:
    for _ in parts:
        if content[at] != 0xFF:
            raise ValueError("no marker")
        at += 1
        marker = content[at]
        if marker == 0xFF:  # filled up
            continue
        at += 1
        if marker == 0xD9:
            return at
        at += struct.unpack_from(">H", content, at)[0]
        if marker == 0xDA:
            if (found := SCAN_END.search(content, at)) is None:
                raise ValueError("no end")
            at = found.start()
    raise ValueError("too many parts")


def _gif_end(content: bytes) -> int:
    at, blocks = 13 + _colours(content[10]), iter(range(MAX_BLOCKS))
    for _ in range(MAX_PARTS):
        block = content[at]
        if block == 0x3B:
            return at + 1
        if block not in (0x21, 0x2C):
            raise ValueError("no block")
        at = _after_blocks(content, at + 2 if block == 0x21 else at + 11 + _colours(content[at + 9]), blocks)
    raise ValueError("too many parts")


def _colours(flags: int) -> int:
    """The length of a colour table."""
    return 3 << ((flags & 7) + 1) if flags & 0x80 else 0


def _after_blocks(content: bytes, at: int, blocks: Iterator[int]) -> int:
    for _ in blocks:
        if not content[at]:
            return at + 1
        at += content[at] + 1
    raise ValueError("too many blocks")


def _webp_end(content: bytes) -> int:
    size: int = struct.unpack_from("<I", content, 4)[0]
    return 8 + size + size % 2
