"""Documents: PDF and the zipped ones of office programs, which must not be bombs, nor carry programs."""

import struct
from io import BytesIO
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile, ZipInfo

from core.domain.errors import Invalid
from core.files.images import refuse_pages
from core.files.limits import MEGABYTE, unfit

MAX_UNPACKED = 100 * MEGABYTE
MAX_PARTS = 2_000  # the reader takes 0.1 ms for each, however small
MAX_DIRECTORY = MEGABYTE // 4  # of the archive's list of parts, which is read before they can be counted
ARCHIVE = b"PK\x03\x04"
END = struct.Struct("<4s8xI4xH")  # signature, size of the directory, length of the comment
LARGE_END = b"PK\x06\x07"  # of archives over 4 GB, whose directory stands elsewhere
PIECE = 65_536


def pdf(content: bytes) -> None:
    """It begins as a PDF with the first byte, and ends as one."""
    if not content.startswith(b"%PDF-") or not content.rstrip().endswith(b"%%EOF"):
        raise unfit("This is no PDF, it is broken, or there is something behind its end.")
    refuse_pages(content)


def office(content: bytes, *, folder: str) -> None:
    """`folder` holds the main part: "word/", "xl/", "ppt/"."""
    try:
        _archive(content, folder)
    except Invalid:
        raise
    except Exception as error:  # the reader of archives raises anything at hostile input
        raise unfit("This is no office document, or it is broken.") from error
    refuse_pages(content)


def _archive(content: bytes, folder: str) -> None:
    signature, directory, comment = END.unpack(content[-END.size :])
    plain = content.startswith(ARCHIVE) and signature == b"PK\x05\x06" and not comment
    if not plain or directory > MAX_DIRECTORY or content[-42:].startswith(LARGE_END):
        raise unfit("This is no office document, or there is something before or behind it.")
    with ZipFile(BytesIO(content)) as archive:
        parts = archive.infolist()
        if len(parts) > MAX_PARTS:
            raise unfit(f"A document may have at most {MAX_PARTS} parts.")
        names = [part.filename for part in parts]
        if min((part.header_offset for part in parts), default=1):
            raise unfit("There is something before this document.")
        if "[Content_Types].xml" not in names or not any(name.startswith(folder) for name in names):
            raise unfit("This is an archive, but not the document its name says.")
        if len(set(names)) < len(names) or not all(_is_plain(part) for part in parts):
            raise unfit("There are macros in this document, or parts that cannot be checked.")
        if sum(part.file_size for part in parts) > MAX_UNPACKED:
            raise unfit(f"Unpacked, a document may have at most {MAX_UNPACKED // MEGABYTE} MB.")
        for part in parts:
            _unpack(archive, part)


def _is_plain(part: ZipInfo) -> bool:
    """Not a macro, not encrypted, packed as usual, and of a name that stays inside the archive."""
    inside = not part.filename.startswith("/") and ".." not in part.filename.split("/")
    usual = part.compress_type in (ZIP_STORED, ZIP_DEFLATED) and not part.flag_bits & 1
    return inside and usual and not part.filename.lower().endswith("vbaproject.bin")


def _unpack(archive: ZipFile, part: ZipInfo) -> None:
    """The reader stops at the size that was summed up, and raises when content or checksum say else."""
    with archive.open(part) as opened:
        piece = opened.read(PIECE)
        if piece.startswith(ARCHIVE):
            raise unfit("There is another archive in this document.")
        while piece:
            piece = opened.read(PIECE)
