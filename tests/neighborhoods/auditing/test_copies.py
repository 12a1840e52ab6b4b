"""Heads leave the machine: a file a day that nobody overwrites, a mail a day; what fails is told and tried again."""

import logging
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from django.core.management import CommandError, call_command

from neighborhoods import audit_chain, triggers
from neighborhoods.auditing import copies, heads, verify
from neighborhoods.models import AuditCopy, AuditEntry, AuditHead, Ward
from neighborhoods.tasks import audit_copies_leave
from tests.neighborhoods.auditing.conftest import DAY, FINGERPRINT, KEY, NOON, acts
from tests.neighborhoods.auditing.mailserver import MailServer

pytestmark = [pytest.mark.both_databases, pytest.mark.django_db]
FIRST, SECOND = date(2026, 11, 20), date(2026, 11, 21)
LATER = NOON + 2 * DAY
Set = Callable[..., None]


@pytest.fixture
def configured(settings: Any) -> Set:
    def put(**values: str) -> None:
        settings.CONFIG = replace(settings.CONFIG, **values)

    return put


@pytest.fixture
def store(tmp_path: Path, configured: Set, three_days: object) -> Path:
    folder = tmp_path / "store"
    folder.mkdir()
    configured(AUDIT_COPY_DIR=str(folder))
    return folder


@pytest.fixture
def mail(configured: Set, three_days: object) -> Iterator[MailServer]:
    server = MailServer()
    configured(AUDIT_MAIL="kiemtra@example.vn, luutru@example.vn", SMTP_URL=server.url, MAIL_FROM="mat@example.vn")
    yield server
    server.stop()


def check(path: Path) -> list[str]:
    return audit_chain.audit_check(path, key=KEY, now=NOON + 3 * DAY)


class TestSecondStore:
    def test_each_day_is_a_file_which_the_verifier_reads(self, store: Path, chain: str) -> None:
        assert copies.copies_leave(now=LATER) == []
        assert sorted(path.name for path in store.iterdir()) == [copies.file_name(FIRST), copies.file_name(SECOND)]
        reader = verify.Check()
        reader.heads(str(store / copies.file_name(SECOND)))
        assert (reader.faults, reader.keys, list(reader.marks[chain])) == ([], {FINGERPRINT}, [5])
        assert copies.copies_failing(now=LATER) == []

    def test_leaving_again_changes_no_file(self, store: Path) -> None:
        copies.copies_leave(now=LATER)
        before = {path: (path.read_bytes(), path.stat().st_mtime_ns) for path in store.iterdir()}
        copies.copies_leave(now=LATER)
        assert {path: (path.read_bytes(), path.stat().st_mtime_ns) for path in store.iterdir()} == before

    def test_a_new_store_gets_every_day(self, store: Path, tmp_path: Path, configured: Set) -> None:
        copies.copies_leave(now=LATER)
        (tmp_path / "other").mkdir()
        configured(AUDIT_COPY_DIR=str(tmp_path / "other"))
        copies.copies_leave(now=LATER)
        assert len(list((tmp_path / "other").iterdir())) == 2

    @pytest.mark.parametrize("day", [FIRST, SECOND])
    def test_another_content_is_never_overwritten_and_is_an_alarm(self, store: Path, day: date) -> None:
        copies.copies_leave(now=LATER)
        path = store / copies.file_name(day)
        forged = path.read_bytes().replace(b'"seq":', b'"seq":1')
        path.write_bytes(forged)
        copies.copies_leave(now=LATER)
        assert path.read_bytes() == forged
        (fault,) = check(store / "none.json")
        assert fault == f"the second store's {path.name} is not what the database says was signed"
        assert AuditEntry.objects.filter(action="audit.damaged").exists()

    def test_a_database_written_anew_with_the_key_does_not_fit_the_store(self, store: Path, ward: UUID) -> None:
        copies.copies_leave(now=LATER)
        with triggers.lifted():
            AuditEntry.objects.all().delete()
            AuditHead.objects.all().delete()
        acts(ward, 5, NOON)
        heads.heads_sign(key=KEY, now=LATER)
        assert [fault.split("'s ")[1][:26] for fault in check(store / "none.json")] == [
            copies.file_name(day)[:26] for day in (FIRST, SECOND)
        ]

    def test_what_a_kill_cut_off_is_completed(self, store: Path) -> None:
        copies.copies_leave(now=LATER)
        path = store / copies.file_name(SECOND)
        whole = path.read_bytes()
        for left in (0, 40):
            path.write_bytes(whole[:left])
            copies.copies_leave(now=LATER)
            assert path.read_bytes() == whole

    def test_a_store_that_is_not_there_is_told_and_not_made(
        self, store: Path, caplog: pytest.LogCaptureFixture
    ) -> None:
        store.rmdir()
        (failed,) = copies.copies_leave(now=LATER)
        assert (failed.way, failed.day, failed.trouble) == (
            "folder", SECOND, "FileNotFoundError: No such file or directory"
        )  # fmt: skip
        assert [copy.id for copy in copies.copies_failing(now=LATER)] == [failed.id]
        with caplog.at_level(logging.ERROR):
            audit_copies_leave()
        assert f"the heads of {SECOND} did not leave (folder)" in caplog.text
        assert not store.exists()
        assert check(store.parent / "none.json") == []  # a store that is away says nothing against the chain
        store.mkdir()
        assert copies.copies_leave(now=LATER) == []
        assert copies.copies_failing(now=LATER) == []
        assert AuditCopy.objects.get(day=SECOND).attempts == 3

    def test_without_a_store_nothing_is_tried(self, three_days: object) -> None:
        assert copies.copies_leave(now=LATER) == []
        assert not AuditCopy.objects.exists()


class TestMail:
    def test_it_says_the_heads_in_words_and_bears_them_as_a_file(
        self, mail: MailServer, ward: UUID, chain: str
    ) -> None:
        Ward.objects.create(
            id=ward, code="00691", name="Phường Hà Giang 2", province_code="08", province_name="Tuyên Quang"
        )
        assert copies.copies_leave(now=LATER) == []
        (letter,) = mail.letters  # what was before it was switched on is no news
        assert letter["To"] == "kiemtra@example.vn, luutru@example.vn"
        assert "21/11/2026" in letter["Subject"]
        words = letter.get_body().get_content()
        head = AuditHead.objects.get(chain=chain, day=SECOND)
        for part in ("Phường Hà Giang 2, Tuyên Quang", "mục cuối: 5", FINGERPRINT):
            assert part in words
        assert head.hash in words.replace("-", "")
        (file,) = letter.iter_attachments()
        assert (
            file.get_content().encode()
            if isinstance(file.get_content(), str)
            else file.get_content() == (heads.day_file(SECOND))
        )

    def test_one_a_day(self, mail: MailServer) -> None:
        for hour in range(3):
            copies.copies_leave(now=LATER.replace(hour=hour + 6))
        assert len(mail.letters) == 1
        heads.heads_sign(key=KEY, now=NOON + 4 * DAY)  # after a day without a machine
        copies.copies_leave(now=NOON + 4 * DAY)
        assert ["22/11/2026" in mail.letters[1]["Subject"], "23/11/2026" in mail.letters[2]["Subject"]] == [True, True]
        assert len(mail.letters) == 3

    def test_what_is_refused_is_told_without_the_servers_words_and_tried_again(self, mail: MailServer) -> None:
        mail.refuses = True
        (failed,) = copies.copies_leave(now=LATER)
        assert failed.trouble == "SMTPRecipientsRefused: refused"
        mail.refuses = False
        assert copies.copies_leave(now=LATER) == []
        assert len(mail.letters) == 1
        assert copies.copies_failing(now=LATER) == []

    def test_no_server_is_told(self, mail: MailServer) -> None:
        mail.stop()
        (failed,) = copies.copies_leave(now=LATER)
        assert failed.trouble == "ConnectionRefusedError: Connection refused"

    def test_one_way_that_fails_does_not_stop_the_other(
        self, mail: MailServer, tmp_path: Path, configured: Set
    ) -> None:
        configured(AUDIT_COPY_DIR=str(tmp_path / "away"))
        assert [copy.way for copy in copies.copies_leave(now=LATER)] == ["folder"]
        assert len(mail.letters) == 1

    @pytest.mark.parametrize("url", ["mail.example.vn", "http://u:geheim@h", "smtp://"])
    def test_an_address_that_is_none_is_told_without_its_password(
        self, mail: MailServer, configured: Set, url: str
    ) -> None:
        configured(SMTP_URL=url)
        (failed,) = copies.copies_leave(now=LATER)
        assert failed.trouble == "SMTP_URL is not like smtps://user:password@host"

    def test_the_servers_address_says_how(self, configured: Set, settings: Any) -> None:
        configured(SMTP_URL="smtps://mat%40pho:a%2Fb@mail.example.vn")
        assert settings.CONFIG.smtp == {
            "host": "mail.example.vn", "port": 465, "username": "mat@pho", "password": "a/b", "use_tls": False,
            "use_ssl": True,
        }  # fmt: skip


def test_the_store_is_among_what_the_command_compares(store: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (store / copies.file_name(FIRST)).write_bytes(b"{}\n")
    with pytest.raises(CommandError):
        call_command("audit_verify", "--no-sign")
    assert copies.file_name(FIRST) in capsys.readouterr().err
