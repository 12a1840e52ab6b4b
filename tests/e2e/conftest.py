"""A running product, a browser, and people with phones. Nothing is pretended: real RTSP to a real player."""

import itertools
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Playwright, expect, sync_playwright

from tests.e2e.people import Leader, Phone, Teller, phone_page
from tests.e2e.product import BROWSER_ARGS, SHELL, Product
from tests.e2e.street import Street
from tests.pace import PATIENCE_MS

HOUSEHOLDS = itertools.count(22)


@pytest.fixture(scope="session")
def product(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Product]:
    running = Product(tmp_path_factory.mktemp("product"), LOG_LEVEL="DEBUG", DUTY_HOURS="0-24")
    yield running
    running.stop()


@pytest.fixture(scope="package")
def playwright() -> Iterator[Playwright]:
    """Ends with the package: its loop must not be running when tests elsewhere start theirs."""
    with sync_playwright() as running:
        yield running


@pytest.fixture(scope="package")
def browser(playwright: Playwright) -> Iterator[Browser]:
    expect.set_options(timeout=PATIENCE_MS)
    shell = playwright.chromium.launch(executable_path=SHELL, args=BROWSER_ARGS)
    yield shell
    shell.close()


@pytest.fixture
def open_phone(browser: Browser) -> Iterator[Callable[[], Phone]]:
    """Opens phones, 390 px wide; at the end none may have complained of the content policy or an error of script."""
    phones: list[Phone] = []

    def open_one(width: int = 390, height: int = 844) -> Phone:
        phones.append(phone_page(browser, width, height))
        return phones[-1]

    yield open_one
    complaints = [complaint for phone in phones for complaint in phone.complaints()]
    for phone in phones:
        phone.page.context.close()
    assert complaints == []


@pytest.fixture(scope="package")
def leader(browser: Browser, product: Product) -> Iterator[Leader]:
    """Bình, signed in once for all tests, on a desk."""
    context: BrowserContext = browser.new_context(viewport={"width": 1280, "height": 850}, locale="vi-VN")
    person = Leader(context.new_page(), product)
    person.sign_in()
    yield person
    context.close()


@pytest.fixture
def phone(open_phone: Callable[[], Phone], product: Product, leader: Leader) -> Phone:
    """A household's phone that has redeemed a code of its own."""
    opened = open_phone()
    opened.code = leader.issue_code()
    opened.join(product, opened.code["typed"])
    return opened


@pytest.fixture
def watching(phone: Phone) -> Page:
    """The same phone, with a camera's live picture on."""
    phone.open_camera()
    return phone.page


@pytest.fixture(scope="module")
def open_household(browser: Browser, product: Product, leader: Leader) -> Iterator[Callable[..., Phone]]:
    """Phones of households of their own; at the end none may have complained."""
    phones: list[Phone] = []

    def open_one(number: int) -> Phone:
        phone = phone_page(browser, 390, 844)
        phone.code = leader.issue_code(number=number)
        phone.join(product, phone.code["typed"])
        phones.append(phone)
        return phone

    yield open_one
    complaints = [complaint for phone in phones for complaint in phone.complaints()]
    for phone in phones:
        phone.page.context.close()
    assert complaints == []


@pytest.fixture
def teller(product: Product, leader: Leader) -> Teller:
    """Another household each time, for nobody may raise many."""
    return Teller(product, leader.issue_code(number=next(HOUSEHOLDS))["typed"])


@pytest.fixture(scope="module")
def street(open_household: Callable[..., Phone], product: Product, leader: Leader) -> Iterator[Street]:
    yield Street(open_household(20), open_household(21), leader, product)
    leader.page.goto(f"{product.base}/leader/")
