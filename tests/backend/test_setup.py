"""Set-up without Django: messages, the lock of the page scripts, stamps, what is said when something is missing."""

import gettext
import io
import json
import os
import re
import stat

import pytest

from backend.lib import privatefile
from backend.lib.config import ROOT, Config, private_folder
from backend.setup import messages, scripts, stamps
from backend.setup.trouble import SetupTrouble, run

CATALOGUE = r"""
# A comment
msgid ""
msgstr ""
"Content-Type: text/plain; charset=UTF-8\n"
"Plural-Forms: nplurals=1; plural=0;\n"

#: a.py:1
msgid "Camera"
msgstr "Mắt camera"

msgctxt "verb"
msgid "Watch"
msgstr "Xem \"trực tiếp\"\n"

#, python-format
msgid "%(n)d camera"
msgid_plural "%(n)d cameras"
msgstr[0] "%(n)d mắt"

#, fuzzy
msgid "Perhaps"
msgstr "Có lẽ"

msgid "Long "
"text"
msgstr "Chữ "
"dài"

msgid "Untranslated"
msgstr ""

#~ msgid "Old"
#~ msgstr "Cũ"
"""


def test_messages_compile_into_what_gettext_reads() -> None:
    found = gettext.GNUTranslations(io.BytesIO(messages.compiled(CATALOGUE)))
    assert found.gettext("Camera") == "Mắt camera"
    assert found.pgettext("verb", "Watch") == 'Xem "trực tiếp"\n'
    assert found.ngettext("%(n)d camera", "%(n)d cameras", 3) == "%(n)d mắt"
    assert found.gettext("Long text") == "Chữ dài"
    for left_out in ("Perhaps", "Untranslated", "Old"):
        assert found.gettext(left_out) == left_out


def test_a_damaged_catalogue_names_its_line() -> None:
    with pytest.raises(SetupTrouble, match=r"vi\.po, line 2"):
        messages.compiled('msgid "a"\nmsgstr "b', "vi.po")


def test_the_lock_of_the_page_scripts_names_hashes_and_no_address() -> None:
    text = (ROOT / "package-lock.json").read_text()
    assert "http" not in text
    packages = {name: package for name, package in json.loads(text)["packages"].items() if name}
    assert packages
    for package in packages.values():
        assert package["integrity"].startswith("sha512-")
        assert "resolved" not in package


def test_a_lock_with_an_address_or_without_a_hash_is_refused(tmp_path) -> None:
    lock = tmp_path / "package-lock.json"
    lock.write_text(json.dumps({"packages": {"": {}, "node_modules/x": {"version": "1"}}}))
    with pytest.raises(SetupTrouble, match="no SHA-512 for node_modules/x"):
        scripts._check_lock(lock)
    entry = {"integrity": "sha512-AAAA", "resolved": "somewhere"}
    lock.write_text(json.dumps({"packages": {"node_modules/x": entry}}))
    with pytest.raises(SetupTrouble, match="download address"):
        scripts._check_lock(lock)


@pytest.mark.parametrize("path", sorted(ROOT.glob("requirements*.txt")), ids=lambda path: path.name)
def test_requirements_are_pinned_hashed_and_name_no_host(path) -> None:
    text = path.read_text()
    assert "://" not in text
    assert "--index-url" not in text
    requirements = re.split(r"\n(?=[a-zA-Z])", text)
    for requirement in requirements:
        assert re.match(r"[\w.\[\],-]+==[\w.]+ \\\n    --hash=sha256:", requirement), requirement


def test_a_stamp_holds_until_a_file_changes(tmp_path) -> None:
    source, stamp = tmp_path / "a.txt", tmp_path / "deep" / "stamp"
    source.write_text("1")
    before = stamps.digest([source], "3.11")
    assert not stamps.holds(stamp, before)
    stamps.put(stamp, before)
    assert stamps.holds(stamp, stamps.digest([source], "3.11"))
    assert not stamps.holds(stamp, stamps.digest([source], "3.12"))
    source.write_text("2")
    assert not stamps.holds(stamp, stamps.digest([source], "3.11"))


def test_a_failed_command_is_told_with_its_last_words() -> None:
    with pytest.raises(SetupTrouble, match=r"(?s)Trying failed \(sh ended with 3\).*no such thing"):
        run(["sh", "-c", "echo no such thing >&2; exit 3"], "Trying")


def test_a_private_file_is_private_from_the_start_and_replaced_whole(tmp_path) -> None:
    path = tmp_path / "signins.json"
    privatefile.write(path, "one")
    privatefile.write(path, "two")
    assert path.read_text() == "two"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert list(tmp_path.iterdir()) == [path]


def test_a_long_data_folder_gets_a_short_socket_of_its_own(tmp_path) -> None:
    short = Config(DATA_DIR=str(tmp_path / "d"))
    assert short.redis_socket == tmp_path / "d" / "run" / "valkey.sock"
    deep = [Config(DATA_DIR=str(tmp_path / ("đ" * 60) / name)) for name in ("a", "b")]
    paths = [config.redis_socket for config in deep]
    assert all(len(os.fsencode(path)) < 100 for path in paths)
    assert paths[0] != paths[1]
    assert paths[0] == Config(DATA_DIR=deep[0].DATA_DIR).redis_socket


def test_a_folder_others_may_write_to_is_not_private(tmp_path) -> None:
    private_folder(tmp_path / "mine")
    (tmp_path / "open").mkdir()
    (tmp_path / "open").chmod(0o777)
    (tmp_path / "link").symlink_to(tmp_path / "mine")
    for name in ("open", "link"):
        with pytest.raises(OSError, match="not a folder of this user alone"):
            private_folder(tmp_path / name)
