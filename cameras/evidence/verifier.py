"""``verify.py`` as it lies in a package: one file, though here a second one reads time stamps. Pure.

``python -m cameras.evidence.verifier`` prints it, for whoever wants it from somewhere else than the package.
"""

import sys
from pathlib import Path

from cameras.evidence import timestamp, verify

IMPORT = "from cameras.evidence.timestamp import TIMESTAMP, Unfit, token_of\n"
"""The one line of ``cameras/evidence/verify.py`` that a stranger's Python could not follow."""


def verifier() -> bytes:
    """``verify.py``, the same bytes from the same sources."""
    before, after = _source(verify.__file__).split(IMPORT)
    return (before + _source(timestamp.__file__) + after).encode()


def _source(path: str) -> str:
    return Path(path).read_text(encoding="utf-8")


if __name__ == "__main__":
    sys.stdout.buffer.write(verifier())
