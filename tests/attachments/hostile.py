"""Files that must be refused, made here: `{what it is: (name, content)}`."""

from struct import pack, pack_into
from zipfile import ZIP_LZMA, ZIP_STORED

from core.files import images
from core.files.documents import MAX_PARTS, MAX_UNPACKED
from core.files.limits import MAX_SIZE
from tests.attachments.honest import PDF, archive, chunk, document, image

HTML = b"<html><script>alert(1)</script></html>"
PHP = b"<?php system($_GET['c']); ?>"
SVG = b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>'
JPEG, GIF, WEBP, DOCX = image("JPEG"), image("GIF"), image("WEBP"), archive(document())
PNG = image("PNG")

Corpus = dict[str, tuple[str, bytes]]


def huge_png(width: int, height: int) -> bytes:
    header = chunk(b"IHDR", pack(">IIBBBBB", width, height, 8, 6, 0, 0, 0))
    return PNG[:8] + header + chunk(b"IDAT", b"") + chunk(b"IEND", b"")


def with_gif_header(words: bytes) -> bytes:
    return GIF[:6] + words + GIF[6 + len(words) :]


def with_jpeg_segment(kind: int, content: bytes) -> bytes:
    return JPEG[:2] + bytes([0xFF, kind]) + pack(">H", len(content) + 2) + content + JPEG[2:]


def lying_archive() -> bytes:
    """Its directory says that the first part is small."""
    content = bytearray(archive({"a": b"\0" * 1_000_000, **document()}))
    pack_into("<I", content, content.index(b"PK\x01\x02") + 24, 10)
    return bytes(content)


def overlapping_archive() -> bytes:
    """Its directory lists one part twice, as the best bombs do thousands of times."""
    content = archive(document())
    start, end = content.index(b"PK\x01\x02"), content.rindex(b"PK\x05\x06")
    directory = content[start:end]
    entry = directory[: directory.index(b"PK\x01\x02", 4)]
    counted = pack("<4s4xHHIIH", b"PK\x05\x06", 3, 3, len(directory) + len(entry), start, 0)
    return content[:start] + entry + directory + counted


def flagged(content: bytes, flag: int) -> bytes:
    changed = bytearray(content)
    changed[content.index(b"PK\x01\x02") + 8] |= flag
    return bytes(changed)


PAGES: Corpus = {
    "a page": ("page.html", HTML),
    "a drawing": ("drawing.svg", SVG),
    "a page called an image": ("page.png", HTML),
    "a page called a text": ("page.txt", b"\n  " + HTML),
    "a page with a byte order mark": ("page.txt", b"\xef\xbb\xbf<!-- --><html>"),
    "a page behind some words": ("page.md", b"Hello\n" + HTML),
    "a drawing called a text": ("drawing.log", SVG),
    "XML": ("data.txt", b'<?xml version="1.0"?><x/>'),
    "PHP": ("shell.txt", PHP),
    "a shell script": ("run.txt", b"#!/bin/sh\nrm -rf /\n"),
    "a program": ("setup.exe", b"MZ\x90\0" + b"\0" * 60),
    "a program called a text": ("setup.txt", b"MZ\x90\0" + b"\0" * 60),
    "a program called a PDF": ("setup.pdf", b"\x7fELF" + b"\0" * 60 + b"%%EOF"),
    "text in UTF-16": ("notes.txt", "Hello".encode("utf-16")),
    "text in Latin-1": ("notes.txt", "Grüße".encode("latin-1")),
    "no JSON": ("data.json", b"alert(1)"),
    "an archive": ("files.zip", DOCX),
    "no type": ("README", b"Hello"),
}
POLYGLOTS: Corpus = {
    "a PNG with a page behind it": ("x.png", PNG + HTML),
    "a PNG with an archive behind it": ("x.png", PNG + DOCX),
    "a PNG with a page inside": ("x.png", PNG[:33] + chunk(b"tEXt", b"Comment\0" + HTML) + PNG[33:]),
    "a PNG cut off": ("x.png", PNG[:-6]),
    "a PNG with a wrong checksum": ("x.png", PNG[:-13] + b"\0" + PNG[-12:]),
    "a JPEG with PHP behind it": ("x.jpg", JPEG + PHP),
    "a JPEG with a byte behind it": ("x.jpg", JPEG + b"\n"),
    "a JPEG with PHP inside": ("x.jpg", with_jpeg_segment(0xFE, PHP)),
    "a JPEG that is JavaScript": ("x.jpg", with_jpeg_segment(0xE0, b"JFIF".ljust(0x2F2A - 2, b" "))),
    "a JPEG cut off": ("x.jpg", JPEG[:-2]),
    "a JPEG cut off early": ("x.jpg", JPEG[:10]),
    "a JPEG with rubbish in it": ("x.jpg", JPEG[:2] + b"\0\0" + JPEG[2:]),
    "a GIF that is JavaScript": ("x.gif", with_gif_header(b"/*") + b"*/=1;alert(1)"),
    "a GIF that is JavaScript inside": ("x.gif", with_gif_header(b"/*")),
    "a GIF that assigns": ("x.gif", with_gif_header(b'="')),
    "a GIF with a page behind it": ("x.gif", GIF + HTML),
    "a GIF cut off": ("x.gif", GIF[:-1]),
    "a GIF with rubbish in it": ("x.gif", GIF[:-1] + b"\x01;"),
    "a WebP with a page behind it": ("x.webp", WEBP + HTML),
    "a WebP cut off": ("x.webp", WEBP[:-2]),
    "a PNG called a JPEG": ("x.jpg", PNG),
    "a JPEG called a GIF": ("x.gif", JPEG),
    "a PDF behind a page": ("x.pdf", HTML + PDF),
    "a PDF before a page": ("x.pdf", PDF + HTML),
    "a PDF with a page inside": ("x.pdf", PDF[:9] + HTML + PDF[9:]),
    "a PDF cut off": ("x.pdf", PDF[:-9]),
    "a PDF called a text": ("x.txt", b"%PDF-1.7\n\0"),
    "a document behind an image": ("x.docx", PNG + DOCX),
    "a document behind an archive": ("x.docx", archive({"a": b"b"}) + DOCX),
    "a document before a page": ("x.docx", DOCX + HTML),
    "a document with a page inside": ("x.docx", archive(document(page=HTML), ZIP_STORED)),
    "a sheet called a letter": ("x.docx", archive(document("xl"))),
    "an archive called a document": ("x.docx", archive({"run.js": b"alert(1)"})),
    "a document cut off": ("x.docx", DOCX[:-30] + DOCX[-22:]),
    "a text called a document": ("x.docx", b"Hello"),
}
BOMBS: Corpus = {
    "an image of a billion pixels": ("x.png", huge_png(40_000, 25_000)),
    "an image of a few pixels too many": ("x.png", huge_png(10_000, 5_001)),
    "a document that unpacks without end": (
        "x.docx",
        archive(document(a=b"\0" * (MAX_UNPACKED // 2 + 1)) | {"b": b"\0" * (MAX_UNPACKED // 2)}),
    ),
    "a document in a document": ("x.docx", archive(document(inner=DOCX))),
    "a document that lies about its size": ("x.docx", lying_archive()),
    "a document with one part twice": ("x.docx", overlapping_archive()),
    "a document packed in a slow way": ("x.docx", archive(document(), ZIP_LZMA)),
    "a document that is encrypted": ("x.docx", flagged(DOCX, 1)),
    "a document with macros": ("x.docx", archive(document() | {"word/vbaProject.bin": b"\0"})),
    "a document with a part elsewhere": ("x.docx", archive(document() | {"../../etc/passwd": b"root"})),
    "a PNG of a million parts": ("x.png", PNG[:33] + chunk(b"teST", b"") * 500_000 + PNG[33:]),
    "a JPEG of a million parts": ("x.jpg", JPEG[:2] + b"\xff\xfe\0\2" * 500_000 + JPEG[2:]),
    "a JPEG of a million images": ("x.jpg", JPEG + b"\xff\xd8\xff\xd9" * 500_000),
    "a JPEG of images that have too many parts together": (
        "x.jpg",
        JPEG + (b"\xff\xd8" + b"\xff\xfe\0\2" * (images.MAX_PARTS // 2) + b"\xff\xd9") * 2,
    ),
    "a GIF of parts that have too many blocks together": (
        "x.gif",
        GIF[:-1] + (b"\x21\xfe" + b"\1x" * (images.MAX_BLOCKS // 2) + b"\0") * 2 + b";",
    ),
    "a document of too many parts": ("x.docx", archive(document() | dict.fromkeys(map(str, range(MAX_PARTS)), b""))),
    "a GIF of a million parts": ("x.gif", GIF[:-1] + b"\x21\xfe\0" * 500_000 + b";"),
    "a GIF of a million blocks": ("x.gif", GIF[:-1] + b"\x21\xfe" + b"\1x" * 500_000 + b"\0;"),
    "nothing": ("x.txt", b""),
    "nothing, called an image": ("x.png", b""),
    "a byte too much": ("x.txt", b"x" * (MAX_SIZE + 1)),
}
NAMES: Corpus = {
    name: (name, b"Hello\n")
    for name in (
        *("../../etc/passwd", "../notes.txt", "/etc/notes.txt", "a/b.txt", "..\\notes.txt", "C:\\temp\\notes.txt"),
        *("notes\0.txt", "notes.txt\0.png", "notes\r\n.txt", "notes\u202etxt.exe", "no\u202etes.txt"),
        *("no\u200btes.txt", "CON.txt", "nul.txt", "com1.log", "LPT9.md", "aux .txt", "CONIN$.txt"),
        *(".htaccess", ".txt", "..", ".", "   ", "x" * 147 + ".txt"),
        *("report.pdf.exe", "report.txt.", "report.txt.html", "notes.txt:run.exe", "notes.txt::$DATA"),
    )
}  # fmt: skip
HOSTILE: Corpus = PAGES | POLYGLOTS | BOMBS | NAMES
