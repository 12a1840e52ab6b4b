"""The data folder is its user's alone, also one that was made by hand, by an older version or from a backup."""

import os
import signal
import sqlite3
import stat
import subprocess
import sys
import time
from pathlib import Path

import pytest

from backend import privacy
from backend.lib import secretfile
from backend.lib.config import ROOT, Config
from tests.e2e.product import films_laid_out
from tests.pace import PATIENCE_S
from tests.servers import free_port


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


@pytest.fixture
def opened(tmp_path: Path) -> Path:
    """A data folder as ``umask 022`` made it: everybody may read."""
    data = tmp_path / "data"
    data.mkdir(mode=0o755)
    secretfile.load(data)
    sqlite3.connect(data / "matpho.sqlite3").execute("CREATE TABLE people (name)")
    (data / "store").mkdir(mode=0o755)
    (data / "store" / "slice.mp4").write_text("footage")
    for path, bits in ((data, 0o755), (data / "matpho.sqlite3", 0o644), (data / "store", 0o755)):
        path.chmod(bits)
    return data


def test_what_others_could_read_is_shut_and_said(opened: Path) -> None:
    said = privacy.data_close(opened)
    assert (mode(opened), mode(opened / "store"), mode(opened / "matpho.sqlite3")) == (0o700, 0o700, 0o600)
    assert (opened / "store" / "slice.mp4").read_text() == "footage"
    assert len(said) == 1
    for word in (str(opened), "matpho.sqlite3", "store"):
        assert word in said[0]
    assert "secrets.json" not in said[0]  # it was shut all along
    assert privacy.data_close(opened) == []


def test_the_groups_rights_go_too(opened: Path) -> None:
    privacy.data_close(opened)
    (opened / "matpho.sqlite3").chmod(0o660)
    assert "matpho.sqlite3" in privacy.data_close(opened)[0]
    assert mode(opened / "matpho.sqlite3") == 0o600


def test_a_folder_of_others_things_is_left_as_it_is(tmp_path: Path) -> None:
    """DATA_DIR=/srv by mistake: shutting that would take it from everybody who works there."""
    shared = tmp_path / "srv"
    for name in ("", "other", "static"):
        (shared / name).mkdir()
        (shared / name).chmod(0o755)
    said = privacy.data_close(shared)
    assert {mode(shared / name) for name in ("", "other", "static")} == {0o755}
    assert "choose one of its own" in said[0]
    secretfile.load(shared)  # the second start
    (shared / "matpho.sqlite3").touch(mode=0o644)
    assert len(privacy.data_close(shared)) == 2
    assert (mode(shared), mode(shared / "other"), mode(shared / "matpho.sqlite3")) == (0o755, 0o755, 0o600)


def test_a_private_folder_of_others_things_is_nothing_to_say(tmp_path: Path) -> None:
    tmp_path.chmod(0o700)
    (tmp_path / "other.txt").write_text("x")
    assert privacy.data_close(tmp_path) == []


def test_a_sticky_folder_is_nobodys(tmp_path: Path) -> None:
    shared = tmp_path / "tmp"
    shared.mkdir()
    shared.chmod(0o1777)
    secretfile.load(shared)
    assert "choose one of its own" in privacy.data_close(shared)[0]
    assert mode(shared) == 0o1777


def test_what_a_link_leads_to_is_left_to_who_made_the_link(opened: Path, tmp_path: Path) -> None:
    elsewhere = tmp_path / "disk"
    elsewhere.mkdir()
    elsewhere.chmod(0o755)
    (opened / "snapshots").symlink_to(elsewhere)
    privacy.data_close(opened)
    assert mode(elsewhere) == 0o755


def test_a_folder_of_another_user_is_said(opened: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("os.getuid", lambda: 54321)
    said = privacy.data_close(opened)
    assert len(said) == 1 and "belongs to another user" in said[0]
    assert (mode(opened), mode(opened / "matpho.sqlite3")) == (0o755, 0o644)


def test_an_empty_folder_made_by_hand_is_shut(tmp_path: Path) -> None:
    tmp_path.chmod(0o755)
    assert len(privacy.data_close(tmp_path)) == 1
    assert mode(tmp_path) == 0o700


def test_the_first_command_makes_the_folder_for_its_user_alone(tmp_path: Path) -> None:
    secretfile.load(tmp_path / "data")
    assert mode(tmp_path / "data") == 0o700


@pytest.mark.slow
def test_a_start_shuts_an_open_folder_says_so_and_leaves_nothing_open(opened: Path, tmp_path: Path) -> None:
    (opened / "matpho.sqlite3").unlink()
    (opened / "matpho.sqlite3").touch(mode=0o644)
    films_laid_out(opened, without="bo-song")
    log = tmp_path / "log"
    env = {"PATH": os.environ["PATH"], "PORT": str(free_port()), "DATA_DIR": str(opened)}
    with log.open("wb") as out:
        run = subprocess.Popen(
            [sys.executable, "-m", "backend.run"], cwd=ROOT, env=env, stdout=out, stderr=out, umask=0o022
        )
    until = time.monotonic() + 2 * PATIENCE_S
    while "Ctrl-C" not in log.read_text() and run.poll() is None and time.monotonic() < until:
        time.sleep(0.1)
    run.send_signal(signal.SIGINT)
    run.wait(PATIENCE_S)
    text = log.read_text()
    assert "Ctrl-C" in text, text
    [line] = [line for line in text.splitlines() if "other users of this machine" in line]
    assert str(opened) in line
    assert mode(opened) == 0o700
    assert {path.name: oct(mode(path)) for path in opened.iterdir() if mode(path) & 0o077} == {}
    opened.chmod(0o755)
    assert len(privacy.data_close(opened)) == 1, "it knows by name all that the product makes"
    assert mode(opened) == 0o700


@pytest.mark.parametrize("name", [name for name in dir(Config) if name.endswith(("_dir", "_file"))])
def test_every_file_and_folder_of_the_settings_is_known(name: str) -> None:
    path = getattr(Config(), name)
    assert path == Config().data_dir or privacy._is_ours(path)
