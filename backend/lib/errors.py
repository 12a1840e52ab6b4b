"""The one tree of errors. ``backend.lib.problems`` turns it into RFC 9457 problem documents.

A verb raises one of these; nobody else invents a status. ``code`` is stable: clients switch on it and
``docs/errors.md`` lists it. ``detail`` says what was wrong, with what value, and what to do.
"""

from collections.abc import Mapping, Sequence

Fields = Mapping[str, Sequence[str]]


class MatPhoError(Exception):
    """Root of everything this product raises on purpose."""

    status = 500
    code = "internal"
    title = "Something went wrong on our side"
    transient = False
    """True where the same call may go through later."""

    def __init__(
        self,
        detail: str = "",
        *,
        code: str | None = None,
        fields: Fields | None = None,
        retry_after_s: int | None = None,
    ) -> None:
        super().__init__(detail or self.title)
        self.detail = detail or self.title
        self.code = code or type(self).code
        self.fields = fields or {}
        self.retry_after_s = retry_after_s


class BadInput(MatPhoError):
    """The request cannot be understood or breaks a rule of form (400)."""

    status, code, title = 400, "bad_input", "The request is not valid"


class NotSignedIn(MatPhoError):
    """No token, or one that is expired or revoked (401)."""

    status, code, title = 401, "not_signed_in", "Sign in first"


class Forbidden(MatPhoError):
    """A rule about the request itself, such as CSRF or Origin (403). Never for objects: see ``Absent``."""

    status, code, title = 403, "forbidden", "That is not allowed"


class Absent(MatPhoError):
    """Absent and forbidden look alike (404)."""

    status, code, title = 404, "not_found", "There is nothing here"


class TooSlow(MatPhoError):
    """The body did not arrive in time (408)."""

    status, code, title, transient = 408, "too_slow", "The request took too long to arrive", True


class Conflict(MatPhoError):
    """The state of the thing does not allow the act (409)."""

    status, code, title = 409, "conflict", "That is no longer possible"


class TooLarge(MatPhoError):
    """The body is larger than the route takes (413)."""

    status, code, title = 413, "too_large", "That is too large"


class TooMany(MatPhoError):
    """A limit on tries or on use has been reached (429)."""

    status, code, title, transient = 429, "too_many", "Too many tries", True


class Unavailable(MatPhoError):
    """A part we need does not answer just now (503)."""

    status, code, title, transient = 503, "unavailable", "Try again in a moment", True
