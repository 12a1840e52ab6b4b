"""What parent and decoding child say to each other. Apart from both, so that the parent need not load a decoder."""

from struct import Struct

JOB = Struct(">IHB")
"""Length of the media that follows, greatest width in pixels, JPEG quality."""
ANSWER = Struct(">BI")
"""0 well or 1 not decodable, length of the JPEG that follows."""
MAX_MEDIA = 32 << 20
"""A key frame's fragment is under 1 MB; more than this is not asked for."""
