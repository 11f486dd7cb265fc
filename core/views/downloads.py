"""Files from the storage, to be saved, never to be shown in place."""

from django.db.models.fields.files import FieldFile
from django.http import FileResponse, Http404

PIECE = 65_536
# Never shown as a page of ours, even when somebody makes a browser open it in place.
HARMLESS = {
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "sandbox; default-src 'none'",
    "Cache-Control": "private, no-store",
}


def download(kept: FieldFile, *, name: str, content_type: str) -> FileResponse:
    """The file piece by piece; 404 when it is not there."""
    try:
        file = kept.open()
    except FileNotFoundError as error:  # removed since
        raise Http404 from error
    response = FileResponse(
        file, as_attachment=True, filename=name, content_type=content_type_header(content_type), headers=HARMLESS
    )
    response.block_size = PIECE
    return response


def content_type_header(content_type: str) -> str:
    return f"{content_type}; charset=utf-8" if content_type.startswith("text/") else content_type
