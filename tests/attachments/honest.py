"""Files as people attach them, one of every kind, made here."""

import zlib
from collections.abc import Mapping
from io import BytesIO
from struct import pack
from zipfile import ZIP_DEFLATED, ZipFile

from PIL import Image

OFFICE = "application/vnd.openxmlformats-officedocument"
PDF = b"%PDF-1.7\n1 0 obj\n<< /Type /Catalog >>\nendobj\ntrailer\n<< /Root 1 0 R >>\n%%EOF\n"


def image(kind: str, size: tuple[int, int] = (16, 9), **options: object) -> bytes:
    file = BytesIO()
    Image.linear_gradient("L").resize(size).convert("RGB").save(file, kind, **options)
    return file.getvalue()


def animated(kind: str) -> bytes:
    frames = [Image.new("RGB", (16, 9), colour) for colour in ("red", "green", "blue")]
    file = BytesIO()
    frames[0].save(file, kind, save_all=True, append_images=frames[1:])
    return file.getvalue()


def chunk(kind: bytes, content: bytes) -> bytes:
    """One part of a PNG."""
    return pack(">I", len(content)) + kind + content + pack(">I", zlib.crc32(kind + content))


def archive(parts: Mapping[str, bytes], compression: int = ZIP_DEFLATED) -> bytes:
    file = BytesIO()
    with ZipFile(file, "w", compression) as opened:
        for name, content in parts.items():
            opened.writestr(name, content)
    return file.getvalue()


def document(folder: str = "word", **parts: bytes) -> dict[str, bytes]:
    return {"[Content_Types].xml": b"<Types/>", f"{folder}/document.xml": b"<document/>" * 100, **parts}


HONEST: dict[str, tuple[bytes, str]] = {
    "screen.png": (image("PNG"), "image/png"),
    "photo.JPG": (image("JPEG"), "image/jpeg"),
    "photo.jpeg": (image("JPEG", progressive=True, exif=Image.Exif(), comment=b"By the sea"), "image/jpeg"),
    "preview.jpg": (image("JPEG") * 2, "image/jpeg"),
    "filled.jpg": (image("JPEG").replace(b"\xff\xdb", b"\xff\xff\xff\xdb"), "image/jpeg"),
    "clip.gif": (animated("GIF"), "image/gif"),
    "clip.webp": (animated("WEBP"), "image/webp"),
    "photo.webp": (image("WEBP"), "image/webp"),
    "invoice.2026.pdf": (PDF, "application/pdf"),
    "letter.docx": (archive(document()), f"{OFFICE}.wordprocessingml.document"),
    "numbers.xlsx": (archive(document("xl")), f"{OFFICE}.spreadsheetml.sheet"),
    "slides.pptx": (archive(document("ppt")), f"{OFFICE}.presentationml.presentation"),
    "notes.txt": ("Grüße aus Wien\r\n".encode(), "text/plain"),
    "from Windows.txt": ("\ufeffGrüße\r\n".encode(), "text/plain"),
    "server.log": (b"<34>Oct 11 22:14:15 host su: \x1b[31mfailed\x1b[0m\n", "text/plain"),
    "README.md": (b"# Steps\n" + b"Do this.\n" * 300 + b"<script>", "text/markdown"),
    "R&amp;D.txt": (b"Hello\n", "text/plain"),  # Django would make it R&D.txt
    "people.csv": (b"name,city\nCleo,Wien\n", "text/csv"),
    "answer.json": (b' {"detail": "cut o', "application/json"),
}
