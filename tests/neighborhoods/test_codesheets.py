"""Sheets of codes: what stands on the paper, printed once, for one household or for all of them at once."""

from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
import zxingcpp
from django.test import Client
from django.utils import translation

from backend.lib.errors import Absent, Conflict
from neighborhoods import codeforms, codepaper, codes, codesheets, heldcodes, jobfiles, jobs
from neighborhoods.devices import actor_by_id
from neighborhoods.households import household_leave
from neighborhoods.models import AccessCode, AuditEntry, HeldCode, Household, Job, RoleGrant
from neighborhoods.sessions import CodeRefused, session_redeem
from tests.cast import Cast
from tests.neighborhoods.conftest import NOW, actor
from tests.pdfs import font_sizes, page_picture, pages_text

pytestmark = [pytest.mark.both_databases, pytest.mark.django_db]
API = "/api/v1/codes"
JSON = "application/json"
JOIN = "http://localhost/join"


def redeem(code: str) -> Any:
    return session_redeem(code=code, device_name="Máy", source="203.0.113.9", now=NOW)


def households(cast: Cast, count: int) -> list[Household]:
    """So many more in tổ 7, without a code."""
    return Household.objects.bulk_create(
        Household(neighborhood=cast.place, number=20 + n, name=f"Hộ bà Nguyễn Thị Huệ {n}", address=f"Số {20 + n}")
        for n in range(count)
    )


def asked(cast: Cast, chosen: list[UUID] | None = None) -> Job:
    return codesheets.codes_print(
        actor=actor(cast.binh), neighborhood_id=cast.place.id, household_ids=chosen, join_url=JOIN, now=NOW
    )


def printed(job: Job) -> bytes:
    assert jobs.job_run(job.id, now=lambda: NOW)
    job.refresh_from_db()
    assert job.state == "done", job.problem
    return file_of(job)


def file_of(job: Job) -> bytes:
    who = actor_by_id(job.device_id, now=NOW)
    assert who
    return jobfiles.file_fetch(actor=who, job=job, now=NOW).data


class TestPaper:
    def test_the_longest_code_stands_whole(self) -> None:
        typed = "WWWWWWWWWWWW-WWWW-WWWW"
        sheet = codepaper.Facts("Tổ 7", 1, "Hộ", typed, f"{JOIN}#mpq_x", "localhost/join", 6, NOW)
        assert typed in pages_text(codepaper.sheets([sheet]))[0]

    @pytest.mark.parametrize("name", ["Hộ bà Nguyễn Thị Huệ", "Hộ ông Trần Đỗ Quang Đại Phước " * 5])
    def test_it_says_all_that_a_household_needs(self, name: str) -> None:
        facts = codepaper.Facts(
            "Tổ dân phố 7, Phường Hà Giang 2", 86, name, "HG7-BCDF-GHJK", f"{JOIN}#mpq_{'x' * 22}", "mat.vn/join", 6,
            NOW.replace(year=2027, month=2, day=23, hour=20),
        )  # fmt: skip
        with translation.override("vi"):
            paper = codepaper.sheets([facts, facts, facts])
        assert len(pages_text(paper)) == 2
        words = pages_text(paper)[0].replace("\n", " ")
        for said in ("Tổ dân phố 7, Phường Hà Giang 2", "H086", name[:20], "HG7-BCDF-GHJK", "mat.vn/join",
                     "Mở máy ảnh của điện thoại", "24/02/2027"):  # fmt: skip
            assert words.count(said) >= 2, said
        assert max(font_sizes(paper, 0)) >= 28

    def test_a_long_code_is_still_large(self) -> None:
        facts = codepaper.Facts("Tổ 7", 1, "Hộ", "TPHCM2025Q12-BCDF-GHJK", JOIN, "mat.vn/join", 6, NOW)
        assert max(font_sizes(codepaper.sheets([facts]), 0)) >= 28

    def test_another_decoder_reads_both_squares_off_the_page(self) -> None:
        links = [f"https://camera.hagiang2.example.vn/join#mpq_{letter * 22}" for letter in "ab"]
        sheets = [codepaper.Facts("Tổ 7", 1, "Hộ", "HG7-BCDF-GHJK", link, "x", 6, NOW) for link in links]
        read = zxingcpp.read_barcodes(page_picture(codepaper.sheets(sheets), 0))
        assert sorted(one.text for one in read) == links


class TestOne:
    def test_a_fresh_code_is_printed_once_and_its_square_signs_in(self, client: Client, cast: Cast) -> None:
        assert cast.an.household
        made = client.post(f"{API}/", {"household": str(cast.an.household.id)}, JSON, **cast.binh.bearer).json()
        path = f"{API}/{made['code']['id']}/sheet.pdf"
        assert client.get(path, **cast.hoa.bearer).status_code == 404
        assert client.head(path, **cast.binh.bearer).status_code == 200  # to look uses nothing up
        answer = client.get(path, **cast.binh.bearer)
        assert (answer.status_code, answer["Content-Type"]) == (200, "application/pdf")
        assert made["typed"] in pages_text(answer.content)[0]
        (square,) = zxingcpp.read_barcodes(page_picture(answer.content, 0))
        assert square.text == f"http://testserver/join#{made['qr']}"
        assert redeem(made["qr"]).device.household == cast.an.household
        again = client.get(path, **cast.binh.bearer)
        assert (again.status_code, again.json()["code"]) == (409, "sheet_gone")
        assert AuditEntry.objects.filter(action="code.printed").count() == 1

    def test_after_an_hour_nobody_prints_it(self, cast: Cast) -> None:
        code = codes.code_issue(actor=actor(cast.binh), household_id=cast.an.household.id, now=NOW).code
        hour = NOW + timedelta(hours=1)
        assert heldcodes.expire(now=hour - timedelta(seconds=1)) == 0
        with pytest.raises(Conflict) as refused:
            codesheets.sheet_take(actor=actor(cast.binh), code_id=code.id, join_url=JOIN, now=hour)
        assert refused.value.code == "sheet_gone"
        assert heldcodes.expire(now=hour) == 1

    def test_a_code_taken_back_or_reissued_leaves_nothing_of_the_old_one(self, cast: Cast) -> None:
        leader = actor(cast.binh)
        first = codes.code_issue(actor=leader, household_id=cast.an.household.id, now=NOW)
        second = codes.code_reissue(actor=leader, code_id=first.code.id, now=NOW)
        assert heldcodes.take(first.code.id, now=NOW) == heldcodes.Secrets(second.typed, second.qr)
        third = codes.code_reissue(actor=leader, code_id=first.code.id, now=NOW)
        codes.code_revoke(actor=leader, code_id=third.code.id, now=NOW)
        assert not HeldCode.objects.exists()
        with pytest.raises(Conflict) as refused:
            codesheets.sheet_take(actor=leader, code_id=third.code.id, join_url=JOIN, now=NOW)
        assert refused.value.code == "code_revoked"

    def test_what_is_held_is_encrypted(self, cast: Cast) -> None:
        issued = codes.code_issue(actor=actor(cast.binh), household_id=cast.an.household.id, now=NOW)
        sealed = bytes(HeldCode.objects.get().sealed)
        assert issued.typed.encode() not in sealed and issued.qr.encode() not in sealed


class TestAll:
    def test_every_household_without_a_code_gets_one_and_a_sheet(self, cast: Cast) -> None:
        """An's has one already; who moved away gets none."""
        here = households(cast, 5)
        household_leave(actor=actor(cast.binh), household_id=here[4].id, now=NOW)
        job = asked(cast)
        paper = printed(job)
        assert job.result == {"codes": 4, "skipped": 0, "pages": 2}
        assert (job.done, job.total) == (4, 4)
        words = "\n".join(pages_text(paper))
        squares = [one.text for page in (0, 1) for one in zxingcpp.read_barcodes(page_picture(paper, page))]
        for household in here[:4]:
            code = AccessCode.objects.get(household=household)
            assert household.name in words
            (mine,) = [link for link in squares if codeforms.read(link.partition("#")[2]).digest == bytes(code.qr_hmac)]
            assert mine.startswith(JOIN)
        assert len(squares) == 4 and not HeldCode.objects.exists()
        with pytest.raises(Conflict) as refused:
            asked(cast)
        assert refused.value.code == "nothing_to_print"

    def test_chosen_households_get_fresh_secrets_and_their_phones_go_on(self, cast: Cast) -> None:
        leader = actor(cast.binh)
        (household,) = households(cast, 1)
        old = codes.code_issue(actor=leader, household_id=household.id, now=NOW)
        phone = redeem(old.typed)
        words = pages_text(printed(asked(cast, [household.id])))[0]
        assert old.typed not in words and "HG7-" in words
        with pytest.raises(CodeRefused):
            redeem(old.typed)
        assert actor_by_id(phone.device.id, now=NOW)
        assert AccessCode.objects.get(household=household).slots_used == 1

    def test_households_of_elsewhere_are_absent_and_so_is_the_place_to_others(self, cast: Cast) -> None:
        for chosen in ([cast.cuc.household.id], [uuid4()]):
            with pytest.raises(Absent):
                asked(cast, chosen)
        for who in (cast.an, cast.cuc, cast.hoa, cast.dung):
            with pytest.raises(Absent):
                codesheets.codes_print(
                    actor=actor(who), neighborhood_id=cast.place.id, household_ids=None, join_url=JOIN, now=NOW
                )

    def test_a_worker_that_dies_anywhere_leaves_one_code_and_one_sheet_each(
        self, cast: Cast, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Killed in the middle of the households, then once more when the file is on disk and the row not yet done."""
        here = households(cast, 6)
        job = asked(cast)

        class Killed(BaseException):
            """As a process that ends: nobody tidies up."""

        given: list[UUID] = []
        issue, settle = codes.code_issue, jobs.JobRun.settle

        def die_at_the_third(**options: Any) -> codes.Issued:
            if len(given) == 3:
                raise Killed
            given.append(options["household_id"])
            return issue(**options)

        def die_before(run: jobs.JobRun, result: dict[str, Any]) -> None:
            raise Killed

        monkeypatch.setattr(codes, "code_issue", die_at_the_third)
        with pytest.raises(Killed):
            jobs.job_run(job.id, now=lambda: NOW)
        assert AccessCode.objects.filter(household__in=here).count() == 3
        monkeypatch.setattr(codes, "code_issue", issue)
        monkeypatch.setattr(jobs.JobRun, "settle", die_before)
        assert jobs.jobs_sweep(now=NOW + timedelta(seconds=7)) == [job.id]
        with pytest.raises(Killed):
            jobs.job_run(job.id, now=lambda: NOW + timedelta(seconds=8))
        monkeypatch.setattr(jobs.JobRun, "settle", settle)
        assert jobs.jobs_sweep(now=NOW + timedelta(seconds=15)) == [job.id]
        paper = printed(job)
        living = AccessCode.objects.filter(household__in=here, revoked_at=None)
        assert sorted(living.values_list("household_id", flat=True)) == sorted(one.id for one in here)
        words = "\n".join(pages_text(paper))
        assert [words.count(f"H{one.number:03d}") for one in here] == [1] * 6
        assert job.result == {"codes": 6, "skipped": 0, "pages": 3}

    def test_whoever_handed_the_role_over_fetches_no_sheets_of_before(self, client: Client, cast: Cast) -> None:
        households(cast, 1)
        job = asked(cast)
        jobs.job_run(job.id, now=lambda: NOW)
        RoleGrant.objects.filter(account=cast.binh.account).update(role="officer", neighborhood=None, ward=cast.ward)
        for path in ("", "file/"):
            assert client.get(f"/api/v1/jobs/{job.id}/{path}", **cast.binh.bearer).status_code == 404

    def test_the_page_asks_and_follows_it(self, client: Client, cast: Cast) -> None:
        households(cast, 2)
        answer = client.post(f"{API}/bulk/", {"neighborhood": str(cast.place.id)}, JSON, **cast.binh.bearer)
        assert (answer.status_code, answer.json()["state"]) == (202, "waiting")
        twice = client.post(f"{API}/bulk/", {"neighborhood": str(cast.place.id)}, JSON, **cast.binh.bearer)
        assert (twice.status_code, twice.json()["code"]) == (409, "job_running")
        jobs.job_run(UUID(answer.json()["id"]), now=lambda: NOW)
        told = client.get(f"/api/v1/jobs/{answer.json()['id']}/", **cast.binh.bearer).json()
        assert (told["state"], told["done"], told["file_name"]) == ("done", 2, "Phiếu mã.pdf")
        given = client.get(told["file"], **cast.binh.bearer)
        assert given.content.startswith(b"%PDF-") and len(pages_text(given.content)) == 1
