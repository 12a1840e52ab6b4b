"""Files that people send: ``multipart/form-data`` on the routes that take one, within that route's limit.

A view says so itself, ``takes_file = sizes.FILE``: the edge asks the routing only where a body is longer than every
other route takes (``limit_of``), so that no list of paths can go stale.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import IO, Any

from django.core.exceptions import RequestDataTooBig, SuspiciousOperation
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest
from django.urls import Resolver404, resolve
from django.utils.translation import gettext as _
from rest_framework.exceptions import ParseError
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request

from backend.lib import sizes
from backend.lib.errors import BadInput, TooLarge

LONGEST_NAME = 120


@dataclass(frozen=True, slots=True)
class Upload:
    """A file as it was sent. Its name and its declared type are whatever the sender liked: look at the bytes."""

    name: str
    data: bytes


class FileBody(MultiPartParser):
    """REST framework's own reader, whose every refusal is the sender's mistake and says so."""

    def parse(
        self, stream: IO[bytes], media_type: str | None = None, parser_context: Mapping[str, Any] | None = None
    ) -> Any:
        try:
            return super().parse(stream, media_type, parser_context)
        except RequestDataTooBig:
            raise
        except (SuspiciousOperation, UnicodeError, ValueError):
            raise ParseError(_("The form cannot be read.")) from None


def file_of(request: Request | HttpRequest, name: str = "file", *, most: int = sizes.FILE) -> Upload:
    """The file of field ``name``. Raises ``BadInput`` ``file_missing``, ``TooLarge`` above ``most`` bytes."""
    files: Any = request.FILES
    sent = files.get(name)
    if not isinstance(sent, UploadedFile) or not sent.size:
        reason = _("Choose a file.")
        raise BadInput(reason, code="file_missing", fields={name: [reason]})
    if sent.size > most:
        raise TooLarge(_("The file is larger than %(most)d MB.") % {"most": most // 1_000_000})
    return Upload(name=(sent.name or "")[:LONGEST_NAME], data=sent.read())


def limit_of(path: str) -> int:
    """Bytes that the body of ``path`` may have because its view takes a file; 0 where it takes none."""
    try:
        view = resolve(path).func
    except Resolver404:
        return 0
    takes = getattr(getattr(view, "cls", None) or getattr(view, "view_class", None) or view, "takes_file", 0)
    return int(takes) + sizes.AROUND_FILE if takes else 0
