"""One frame for everybody: an event is framed once per process, not once per socket. Pure (RFC 6455, section 5.2)."""

import struct

_FIN_TEXT = 0x81


def text_frame(text: str) -> bytes:
    """``text`` as one whole unmasked text frame, as a server sends it."""
    payload = text.encode()
    length = len(payload)
    if length < 126:
        return bytes((_FIN_TEXT, length)) + payload
    if length < 65_536:
        return struct.pack("!BBH", _FIN_TEXT, 126, length) + payload
    return struct.pack("!BBQ", _FIN_TEXT, 127, length) + payload
