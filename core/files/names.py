"""What a file may be called: a plain name that every system can keep and that misleads nobody."""

import re
import unicodedata

from core.files.limits import unfit
from core.models.attachment import MAX_NAME

SPACES = re.compile("[ \u00a0\u2000-\u200a\u202f\u205f\u3000]+")  # macOS puts a narrow one before "PM"
NOT_ON_WINDOWS = re.compile(r'[<>:"|?*]')
DEVICE = re.compile(r"(con|prn|aux|nul|conin\$|conout\$|(com|lpt)[0-9¹²³])", re.IGNORECASE)


def clean(name: str) -> str:
    """`name` as it is kept and shown. Paths, hidden files, devices and invisible characters are refused."""
    name = NOT_ON_WINDOWS.sub("_", SPACES.sub(" ", unicodedata.normalize("NFC", name)).strip(" "))
    if not name:
        raise unfit("The file needs a name.")
    if len(name) > MAX_NAME:
        raise unfit(f"The name of the file may have at most {MAX_NAME} characters.")
    if not name.isprintable() or "/" in name or "\\" in name or name.startswith("."):
        raise unfit("This is no plain name of a file.")
    if DEVICE.fullmatch(name.partition(".")[0].rstrip()):
        raise unfit("This name is a device on some systems.")
    return name


def extension(name: str) -> str:
    """What stands behind the last dot, in lower case."""
    return name.rpartition(".")[2].lower()
