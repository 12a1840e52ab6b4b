"""The end of a package's making, with a time stamp: one package, whatever kills it and whatever the authority says."""

import json
import os
import shutil
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest

from backend.lib.config import ROOT
from cameras.evidence import verify
from cameras.evidence.package import fingerprint, package_write
from cameras.evidence.sealing import Authority, NoToken, is_sealed
from tests.cameras.evidence.authority import local_authority
from tests.cameras.evidence.packing import KEY, packed
from tests.cameras.evidence.tampering import manifest_of

NAME = "tsa.example.vn"
SCHEMA = json.loads((ROOT / "docs" / "evidence" / "manifest.schema.json").read_bytes())
EVENTS = ("open", "os.rename", "os.remove")


class Stopped(Exception):
    """As if the process had ended there."""


def stop(_signature: bytes) -> bytes:
    raise Stopped


def fail(_signature: bytes) -> bytes:
    raise NoToken("no_answer")


@pytest.fixture(scope="module")
def signed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A package whose making ended between signature and token."""
    root = tmp_path_factory.mktemp("signed")
    with pytest.raises(Stopped):
        packed(root / "store", root / "out", authority=Authority(NAME, stop))
    return root / "out"


@pytest.fixture
def folder(signed: Path, tmp_path: Path) -> Path:
    """It again; nothing in it is written in place, so its files are the same ones."""
    return Path(shutil.copytree(signed, tmp_path / "goi", copy_function=os.link))


def go_on(folder: Path, authority: Authority | None) -> None:
    package_write(folder, [], {}, key=KEY, authority=authority)


def check(folder: Path) -> verify.Check:
    assert verify.main([str(folder), "--key", fingerprint(KEY)]) == 0
    jsonschema_rs.validator_for(SCHEMA).validate(manifest_of(folder))
    assert [path.name for path in folder.iterdir() if path.name.startswith((".", "manifest.json."))] == []
    return verify.Check(verify.Package(str(folder))).run()


def test_a_package_gets_a_token_that_openssl_takes(tmp_path: Path) -> None:
    folder = packed(tmp_path / "store", tmp_path / "out", authority=local_authority().authority())
    assert manifest_of(folder)["timestamp"] == {"authority": NAME, "file": "manifest.tsr"}
    assert "Verification: OK" in local_authority().verify(folder)
    assert check(folder).notes[-1].startswith("time stamp: 20")
    assert (folder / "manifest.tsr").stat().st_mode & 0o077 == 0


def test_without_an_authority_it_says_that_there_is_none(tmp_path: Path) -> None:
    folder = packed(tmp_path / "store", tmp_path / "out")
    assert manifest_of(folder)["timestamp"] is None and not (folder / "manifest.tsr").exists()
    check(folder)


def test_stopped_before_the_token_came_it_goes_on_to_it_under_the_same_signature(folder: Path) -> None:
    before = {name: (folder / name).read_bytes() for name in ("manifest.json", "manifest.sig")}
    assert not is_sealed(folder)
    go_on(folder, local_authority().authority())
    assert {name: (folder / name).read_bytes() for name in before} == before
    assert "Verification: OK" in local_authority().verify(folder)
    check(folder)


def test_once_it_is_there_nobody_is_asked_again(folder: Path) -> None:
    go_on(folder, local_authority().authority())
    token = (folder / "manifest.tsr").read_bytes()
    for authority in (Authority(NAME, stop), Authority("another.example.vn", stop), None):
        go_on(folder, authority)
    assert (folder / "manifest.tsr").read_bytes() == token
    check(folder)


def test_where_nobody_answers_it_is_made_without_and_says_why(folder: Path) -> None:
    go_on(folder, Authority(NAME, fail))
    assert manifest_of(folder)["timestamp"] == {"authority": NAME, "file": None, "reason": "no_answer"}
    assert check(folder).notes[-1] == f"time stamp: none, {NAME} did not answer"
    go_on(folder, local_authority().authority())  # it is whole: nobody adds to it any more
    assert not (folder / "manifest.tsr").exists()


def test_no_longer_set_up_it_is_made_without(folder: Path) -> None:
    go_on(folder, None)
    assert manifest_of(folder)["timestamp"] == {"authority": NAME, "file": None, "reason": "not_set_up"}
    check(folder)


def test_another_authority_is_named_before_it_is_asked(folder: Path) -> None:
    go_on(folder, Authority("another.example.vn", local_authority().stamped))
    assert manifest_of(folder)["timestamp"] == {"authority": "another.example.vn", "file": "manifest.tsr"}
    check(folder)


def killed_at(number: int, work: Callable[[], Any]) -> bool:
    """Whether a child that does ``work`` was killed at its n-th touch of a manifest.… file."""
    child = os.fork()
    if child == 0:
        left = [number]

        def watch(event: str, arguments: tuple[Any, ...]) -> None:
            if event in EVENTS and isinstance(arguments[0], str | os.PathLike) and "manifest." in str(arguments[0]):
                left[0] -= 1
                if not left[0]:
                    os.kill(os.getpid(), signal.SIGKILL)

        try:
            sys.addaudithook(watch)
            work()
            os._exit(0)
        finally:
            os._exit(1)
    status = os.waitpid(child, 0)[1]
    assert os.WIFSIGNALED(status) or os.WEXITSTATUS(status) == 0
    return os.WIFSIGNALED(status)


@pytest.mark.parametrize("signature", ["signed", "unsigned"])
@pytest.mark.parametrize("before", ["no answer", "answer", "nobody"])
def test_killed_at_any_step_the_next_attempt_ends_with_one_whole_package(
    folder: Path, tmp_path: Path, before: str, signature: str
) -> None:
    if signature == "unsigned":
        (folder / "manifest.sig").unlink()
    earlier = {"no answer": Authority(NAME, fail), "answer": local_authority().authority(), "nobody": None}[before]
    for number in range(1, 100):
        one = Path(shutil.copytree(folder, tmp_path / str(number), copy_function=os.link))
        if not killed_at(number, lambda one=one: go_on(one, earlier)):
            assert number > 5
            break
        if is_sealed(one):
            check(one)
        go_on(one, local_authority().authority())
        said = check(one)
        assert said.notes[-1].startswith("time stamp: ")
    else:
        raise AssertionError("it never came to an end")
