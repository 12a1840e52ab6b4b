"""How a request's body is read: JSON in UTF-8 (RFC 8259, section 8.1), and nothing that trips what comes after it."""

import json
from collections.abc import Mapping
from typing import IO, Any

from django.utils.translation import gettext as _
from rest_framework.exceptions import ParseError
from rest_framework.parsers import JSONParser


class JsonBody(JSONParser):
    """Refuses with 400 what Python's reader takes or chokes on.

    A body nested a thousand deep is a ``RecursionError`` there, and the escape of half a surrogate pair (section 8.2)
    becomes text that no answer and no database can write down again. A ``charset`` is not asked: some that Python knows
    take seconds for a body of this size.
    """

    def parse(
        self, stream: IO[bytes], media_type: str | None = None, parser_context: Mapping[str, Any] | None = None
    ) -> Any:
        try:
            text = stream.read().decode()
            found = json.loads(text, parse_constant=_refuse_constant)
            if "\\ud" in text.lower():
                json.dumps(found, ensure_ascii=False).encode()
        except RecursionError:
            raise ParseError(_("The JSON is nested too deeply.")) from None
        except UnicodeError:
            raise ParseError(_("The body is not UTF-8 text.")) from None
        except ValueError as error:
            raise ParseError(_("The body is not JSON: %(why)s") % {"why": error}) from None
        return found


def _refuse_constant(name: str) -> None:
    raise ValueError(f"{name} is not JSON")
