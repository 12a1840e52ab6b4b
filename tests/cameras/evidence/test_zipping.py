"""A package as one ZIP: the same bytes every time, from any byte on, read by everybody's tools."""

import io
import subprocess
import zipfile
import zlib
from datetime import datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cameras.evidence import verify
from cameras.evidence.package import fingerprint
from cameras.evidence.zipping import LIMIT, Entry, Zip, zip_of
from tests.cameras.evidence.packing import KEY, packed

AT = datetime(2026, 11, 30, 17, 45, 12)  # noqa: DTZ001  (a ZIP's clock has no zone)


@pytest.fixture(scope="module")
def package(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("zip")
    return packed(root / "store", root / "out")


def whole(made: Zip) -> bytes:
    return b"".join(made.read(0, made.size))


def test_the_verifier_and_everybodys_tools_read_it(package: Path, tmp_path: Path) -> None:
    made = zip_of(package, AT)
    path = tmp_path / "goi.zip"
    path.write_bytes(whole(made))
    assert path.stat().st_size == made.size
    assert verify.main([str(path), "--key", fingerprint(KEY)]) == 0
    with zipfile.ZipFile(path) as opened:
        assert opened.testzip() is None
        assert {info.date_time for info in opened.infolist()} == {(2026, 11, 30, 17, 45, 12)}
    subprocess.run(["python3", "-m", "zipfile", "-e", str(path), str(tmp_path / "out")], check=True)
    for file in (path for path in package.rglob("*") if path.is_file()):
        assert (tmp_path / "out" / file.relative_to(package)).read_bytes() == file.read_bytes()


def test_it_is_the_same_every_time(package: Path) -> None:
    assert whole(zip_of(package, AT)) == whole(zip_of(package, AT))


@given(st.data())
def test_any_stretch_of_it_is_what_stands_there(package: Path, data: st.DataObject) -> None:
    made = zip_of(package, AT)
    start = data.draw(st.integers(0, made.size))
    end = data.draw(st.integers(start, min(made.size, start + 400_000)))
    assert b"".join(made.read(start, end)) == whole(made)[start:end]


class Seekable(io.RawIOBase):
    """A ZIP that is read where it is asked for, as a program on a disk does."""

    def __init__(self, made: Zip) -> None:
        self.made, self.at = made, 0

    def seekable(self) -> bool:
        return True

    def readable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = 0) -> int:
        self.at = offset + (0, self.at, self.made.size)[whence]
        return self.at

    def readinto(self, buffer) -> int:
        found = b"".join(self.made.read(self.at, min(self.made.size, self.at + len(buffer))))
        buffer[: len(found)] = found
        self.at += len(found)
        return len(found)


def test_files_and_places_beyond_four_gigabytes(tmp_path: Path) -> None:
    """A file of a hole; only what comes behind it is read."""
    large, small = tmp_path / "large", tmp_path / "small"
    with large.open("wb") as out:
        out.truncate(LIMIT + 10)
    small.write_bytes(b"behind it")
    made = Zip([Entry("large.mp4", large, LIMIT + 10, 0), Entry("small", small, 9, zlib.crc32(b"behind it"))], AT)
    with zipfile.ZipFile(io.BufferedReader(Seekable(made))) as opened:
        assert [info.file_size for info in opened.infolist()] == [LIMIT + 10, 9]
        assert opened.read("small") == b"behind it"
        with opened.open("large.mp4") as file:
            assert file.read(10) == bytes(10)


def test_a_file_that_became_shorter_is_an_error_and_no_shorter_zip(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_bytes(b"12345")
    made = Zip([Entry("a", path, 6, 0)], AT)
    with pytest.raises(OSError, match="shorter"):
        whole(made)
