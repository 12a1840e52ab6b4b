"""Translations: ``.po`` to ``.mo`` without the gettext programs, which a fresh machine does not have.

The reader takes what ``makemessages`` writes (entries, contexts, plurals, ``fuzzy``, obsolete lines); the writer makes
the file format of GNU gettext (manual, section "The Format of GNU MO Files"), little-endian, without a hash table.
"""

import ast
import struct
from collections.abc import Iterator
from dataclasses import dataclass, field

from backend.setup.python import ROOT
from backend.setup.trouble import SetupTrouble

MAGIC = 0x950412DE


@dataclass
class _Entry:
    fuzzy: bool = False
    parts: dict[str, str] = field(default_factory=dict)
    """``msgctxt``, ``msgid``, ``msgid_plural``, ``msgstr`` or ``msgstr[0]``, …"""

    @property
    def key(self) -> str:
        key = self.parts["msgid"]
        if "msgctxt" in self.parts:
            key = f"{self.parts['msgctxt']}\x04{key}"
        if "msgid_plural" in self.parts:
            key = f"{key}\x00{self.parts['msgid_plural']}"
        return key

    @property
    def value(self) -> str:
        if "msgid_plural" not in self.parts:
            return self.parts.get("msgstr", "")
        forms = sorted(name for name in self.parts if name.startswith("msgstr["))
        return "\x00".join(self.parts[name] for name in forms) if all(self.parts[name] for name in forms) else ""


def messages_ensure() -> None:
    """Compile every catalogue of ``backend/locale`` whose ``.mo`` is missing or older than its ``.po``."""
    for po in sorted((ROOT / "backend" / "locale").glob("*/LC_MESSAGES/*.po")):
        mo = po.with_suffix(".mo")
        if not mo.exists() or mo.stat().st_mtime_ns < po.stat().st_mtime_ns:
            mo.write_bytes(compiled(po.read_text(encoding="utf-8"), str(po)))


def compiled(text: str, name: str = "catalogue") -> bytes:
    """The ``.mo`` bytes of a ``.po`` text. Fuzzy and untranslated entries are left out, as ``msgfmt`` does."""
    wanted = {
        entry.key: entry.value
        for entry in _entries(text, name)
        if entry.value and (not entry.fuzzy or not entry.parts["msgid"])
    }
    pairs = [(key.encode(), wanted[key].encode()) for key in sorted(wanted, key=str.encode)]
    offset = 28 + 16 * len(pairs)
    tables: tuple[list[int], list[int]] = ([], [])
    blob = b""
    for column, table in enumerate(tables):
        for pair in pairs:
            table += [len(pair[column]), offset + len(blob)]
            blob += pair[column] + b"\0"
    head = struct.pack("<7I", MAGIC, 0, len(pairs), 28, 28 + 8 * len(pairs), 0, offset)
    return head + struct.pack(f"<{4 * len(pairs)}I", *tables[0], *tables[1]) + blob


def _entries(text: str, name: str) -> Iterator[_Entry]:
    entry, word = _Entry(), ""
    for number, raw in enumerate(text.splitlines(), 1):
        line = raw.strip()
        starts = line.startswith(("#", "msgctxt ")) or (line.startswith("msgid ") and "msgid" in entry.parts)
        if starts and any(part.startswith("msgstr") for part in entry.parts):
            yield entry
            entry = _Entry()
        if line.startswith("#"):
            entry.fuzzy = entry.fuzzy or (line.startswith("#,") and "fuzzy" in line)
        elif line:
            try:
                if not line.startswith('"'):
                    word, line = line.split(None, 1)
                entry.parts[word] = entry.parts.get(word, "") + ast.literal_eval(line)
            except (ValueError, SyntaxError):
                raise SetupTrouble(f"{name}, line {number}: not a line of a message catalogue: {raw}") from None
    if "msgid" in entry.parts:
        yield entry
