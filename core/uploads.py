"""Forms that bring a file (multipart/form-data)."""

from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.core.exceptions import TooManyFieldsSent, TooManyFilesSent
from django.http.multipartparser import MultiPartParser as FormParser
from django.http.multipartparser import MultiPartParserError
from rest_framework.exceptions import ParseError
from rest_framework.parsers import DataAndFiles, MultiPartParser

from core.exceptions import TooLarge
from core.files.limits import MAX_BODY
from core.files.names import clean


class PlainNames(FormParser):
    """Refuses the names that Django would silently mend, such as paths."""

    def sanitize_file_name(self, file_name: str) -> str:
        return clean(file_name)


class UploadParser(MultiPartParser):
    """Takes a body of MAX_BODY, on this path only; what is large waits in a file, not in memory."""

    def parse(self, stream: Any, media_type: str | None = None, parser_context: Mapping[str, Any] | None = None) -> Any:
        request = (parser_context or {})["request"]
        meta = {**request.META, "CONTENT_TYPE": media_type}
        if int(meta.get("CONTENT_LENGTH") or 0) > MAX_BODY:
            raise TooLarge
        try:
            form = PlainNames(meta, stream, request.upload_handlers, settings.DEFAULT_CHARSET)
            return DataAndFiles(*form.parse())
        except (MultiPartParserError, TooManyFieldsSent, TooManyFilesSent) as error:
            raise ParseError(f"Multipart form parse error - {error}") from error
