"""The page in the hands of whoever got a package, in whatever browser they have."""

from collections.abc import Callable
from pathlib import Path

import pytest

from cameras.evidence import verify
from cameras.evidence.package import fingerprint
from cameras.evidence.page import verifier_page
from tests.cameras.evidence import tampering
from tests.cameras.evidence.clerk import Clerk
from tests.cameras.evidence.packing import KEY, OTHER_KEY, zipped

pytestmark = [pytest.mark.browser, pytest.mark.slow]


def test_folder_and_zip_can_be_dropped(clerk: Clerk, package: Path, tmp_path: Path) -> None:
    archive = zipped(package, tmp_path / "goi.zip")
    clerk.page.locator("#key").fill(fingerprint(KEY))
    assert clerk.drop(package) == clerk.drop(archive) == "valid"
    tampering.flip(package / "journal/K2.idx", 300)
    assert clerk.drop(package) == "wrong"
    assert clerk.english() == verify.Check(verify.Package(str(package))).run().faults


def test_a_folder_can_be_dropped_where_the_browser_has_no_handles(
    open_page: Callable[..., Clerk], package: Path
) -> None:
    """As in Firefox and Safari. Chromium reads such entries from the disk only on a page that is not from there."""
    without = "delete DataTransferItem.prototype.getAsFileSystemHandle"
    other = open_page(without, url="https://elsewhere.test/")
    assert other.drop(package) == "fits"
    assert other.english() == []


def test_a_link_out_of_the_folder_is_not_followed(clerk: Clerk, package: Path, tmp_path: Path) -> None:
    """Browsers do not show it; ``verify.py`` names it as what it cannot read."""
    path = package / "bien-ban.pdf"
    path.rename(tmp_path / "bien-ban.pdf")
    path.symlink_to(tmp_path / "bien-ban.pdf")
    assert clerk.choose(package) == "wrong"
    assert clerk.english() == ["bien-ban.pdf is missing (17 bytes)"]


def test_a_fingerprint_typed_afterwards_counts_and_nothing_is_read_again(clerk: Clerk, made: Path) -> None:
    assert clerk.choose(made) == "fits"
    body = clerk.page.locator("[data-result]")
    assert fingerprint(KEY) in body.inner_text() and "HỢP LỆ" not in body.inner_text()
    for typed, outcome in [
        (fingerprint(KEY), "valid"),
        (fingerprint(KEY).lower().replace("-", " ") + "\t", "valid"),
        (fingerprint(OTHER_KEY), "wrong"),
        (" - ", "fits"),
    ]:
        clerk.page.locator("#key").fill(typed)
        assert clerk.outcome() == outcome
        assert ("HỢP LỆ" in body.inner_text()) == (outcome != "fits")


def test_what_is_valid_says_which_case_and_when_it_was_recorded(clerk: Clerk, made: Path) -> None:
    clerk.choose(made, fingerprint(KEY))
    case, first, *_others = clerk.read("said")
    assert case == ("Vụ việc 2026/17", "Case")
    assert first == ("K1: 18:06:40 18/11/2026 – 18:06:50 18/11/2026 (giờ Việt Nam)", "footage/K1.mp4")


def test_every_fault_is_said_in_vietnamese(clerk: Clerk) -> None:
    pairs = clerk.page.evaluate("Object.values(FAULTS).map((say) => say('x', 'y', 'z', 'u'))")
    assert [pair for pair in pairs if len(pair) != 2 or pair[0] == pair[1] or pair[0].isascii()] == []


def test_without_ed25519_in_the_browser_the_page_verifies_itself(
    open_page: Callable[..., Clerk], package: Path
) -> None:
    lacking = "crypto.subtle.importKey = () => Promise.reject(new DOMException('none', 'NotSupportedError'))"
    other = open_page(lacking)
    assert other.choose(package, fingerprint(KEY)) == "valid"
    tampering.flip(package / "manifest.sig", 40)
    assert other.choose(package, fingerprint(KEY)) == "wrong"
    assert other.english() == verify.Check(verify.Package(str(package))).run().faults


def test_a_browser_that_cannot_hash_is_told_to_be_another(open_page: Callable[..., Clerk]) -> None:
    other = open_page("Object.defineProperty(crypto, 'subtle', {value: undefined})")
    assert "Trình duyệt này không kiểm tra được" in other.page.locator("[data-trouble]").inner_text()
    assert other.asked[1:] == []


def test_its_policy_lets_nothing_out(open_page: Callable[..., Clerk]) -> None:
    other = open_page()
    send = "(url) => fetch(url).then(() => 'out', () => 'held')"
    assert other.page.evaluate(send, "https://elsewhere.test/") == "held"
    other.page.evaluate("() => { document.body.append(Object.assign(new Image(), {src: 'https://elsewhere.test/'})) }")
    other.page.wait_for_function("window.policy.length === 2")
    assert [one.split()[0] for one in other.page.evaluate("window.policy")] == ["connect-src", "img-src"]


def test_it_fits_a_phone_and_a_desk(open_page: Callable[..., Clerk], package: Path) -> None:
    tampering.flip(package / "footage/K1.mp4", 5000)
    for width in (360, 1280):
        other = open_page(viewport={"width": width, "height": 800})
        other.choose(package, fingerprint(KEY))
        assert other.page.evaluate("document.documentElement.scrollWidth") <= width


def test_the_same_sources_give_the_same_page(made: Path) -> None:
    assert (made / "verify.html").read_bytes() == verifier_page() == verifier_page()
