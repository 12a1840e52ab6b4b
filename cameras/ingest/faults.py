"""Why a camera is not recorded just now. ``reason`` is a stable code: it goes into the row and is translated there."""


class SourceFault(Exception):
    """The connection is over. ``slow``: trying again soon is pointless, somebody has to act (password, address)."""

    def __init__(self, reason: str, detail: str = "", *, slow: bool = False) -> None:
        super().__init__(f"{reason}: {detail}" if detail else reason)
        self.reason = reason
        self.slow = slow


class Redirected(Exception):
    """The camera points elsewhere. The address goes to the parent, whose guard decides."""

    def __init__(self, url: str) -> None:
        super().__init__("redirected")
        self.url = url
