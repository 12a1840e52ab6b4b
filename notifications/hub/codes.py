"""Why a socket is closed (RFC 6455, section 7.4.2: 4000 to 4999 are ours). Clients switch on them."""

from enum import IntEnum


class Close(IntEnum):
    NOT_SIGNED_IN = 4401  # or the sign-in has ended
    REVOKED = 4403  # or there is nothing this sign-in may hear
    TOO_SLOW = 4408  # come back with the cursor
    BAD_MESSAGE = 4409
    RESTART = 1012
    TRY_LATER = 1013  # the database does not answer
