"""A package that nobody has touched, and the verifier's page in one browser for all tests of it."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import sync_playwright

from tests.cameras.evidence.clerk import Clerk
from tests.cameras.evidence.packing import packed
from tests.e2e.people import WATCH_POLICY
from tests.e2e.product import BROWSER_ARGS, SHELL


@pytest.fixture(scope="package")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("package")
    return packed(root / "store", root / "out", extras={"bien-ban.pdf": b"%PDF-1.7 bien ban"})


@pytest.fixture
def package(made: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(made, tmp_path / "goi"))


@pytest.fixture(scope="package")
def open_page(made: Path) -> Iterator[Callable[..., Clerk]]:
    """Opens the page from the package's folder, without a network. ``before``: a script that takes something away."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=SHELL, args=BROWSER_ARGS)

        def open_one(before: str = "", url: str = (made / "verify.html").as_uri(), **screen: Any) -> Clerk:
            page = browser.new_context(offline=True, locale="vi-VN", **screen).new_page()
            page.add_init_script(WATCH_POLICY)
            page.add_init_script(before)
            asked: list[str] = []
            page.on("request", lambda request: asked.append(request.url))
            page.on("pageerror", lambda error: asked.append(f"uncaught: {error}"))
            page.on("console", lambda message: asked.append(message.text))
            page.route("https://elsewhere.test/", lambda route: route.fulfill(path=made / "verify.html"))
            page.goto(url)
            return Clerk(page, asked)

        yield open_one
        browser.close()


@pytest.fixture(scope="package")
def desk(open_page: Callable[..., Clerk]) -> Clerk:
    return open_page()


@pytest.fixture
def clerk(desk: Clerk, made: Path) -> Iterator[Clerk]:
    """At the end the page has asked for nothing, tried nothing that its policy forbids, and no script has failed."""
    yield desk
    assert desk.asked == [(made / "verify.html").as_uri()]
    assert desk.page.evaluate("window.policy") == []
