"""The verifier as a page: one file, opened from a disk, that asks nobody for anything and says what ``verify.py`` says.

Its policy forbids every request and every script and style but its own, by their hashes. Pure.
"""

import base64
import hashlib
from pathlib import Path

SOURCES = Path(__file__).parent / "verify_page"
SCRIPTS = (
    "hashes.js", "ed25519.js", "package.js", "zip.js", "formats.js", "timestamp.js", "words.js", "check.js", "page.js",
)  # fmt: skip


def verifier_page() -> bytes:
    """``verify.html``, the same bytes from the same sources."""
    script = "\n" + "\n".join(_source(name) for name in SCRIPTS)
    style = "\n" + _source("page.css")
    policy = (
        f"default-src 'none'; script-src {_hash(script)}; style-src {_hash(style)}; base-uri 'none'; form-action 'none'"
    )
    page = _source("page.html")
    for name, text in (("policy", policy), ("style", style), ("script", script)):
        page = page.replace(f"{{{{ {name} }}}}", text)
    return page.encode()


def _source(name: str) -> str:
    return (SOURCES / name).read_text(encoding="utf-8")


def _hash(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"
