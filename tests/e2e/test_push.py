"""A push message on a phone, in the whole browser: the headless shell shows no notifications."""

import json
from collections.abc import Iterator

import pytest
from playwright.sync_api import Playwright, expect

from tests.e2e.people import Leader, Phone, Teller, phone_page
from tests.e2e.product import BROWSER_ARGS, CHROMIUM, Product

pytestmark = [pytest.mark.browser, pytest.mark.slow]

NOTIFIED = """async () => (await (await navigator.serviceWorker.ready).getNotifications())
  .some((shown) => shown.body === 'Đầu ngõ 12')"""


@pytest.fixture
def phone(playwright: Playwright, product: Product, leader: Leader) -> Iterator[Phone]:
    """A household's phone with a browser of its own."""
    chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=BROWSER_ARGS)
    opened = phone_page(chromium, 390, 844)
    opened.join(product, leader.issue_code()["typed"])
    yield opened
    assert opened.complaints() == []
    chromium.close()


def test_a_push_message_is_shown_and_its_tap_leads_to_the_alert(phone: Phone, product: Product, leader: Leader) -> None:
    alert = Teller(product, leader.issue_code(number=20)["typed"]).tell("disorder")
    page, origin = phone.page, product.base
    context = page.context
    context.grant_permissions(["notifications"], origin=origin)
    page.goto(f"{origin}/alerts/")
    session, registrations = context.new_cdp_session(page), []
    session.on("ServiceWorker.workerRegistrationUpdated", lambda told: registrations.extend(told["registrations"]))
    session.send("ServiceWorker.enable")
    page.wait_for_timeout(200)
    said = {"title": "Trộm cắp", "body": "Đầu ngõ 12", "tag": alert["id"], "url": f"/alerts/#{alert['id']}"}
    session.send(
        "ServiceWorker.deliverPushMessage",
        {"origin": origin, "registrationId": registrations[0]["registrationId"], "data": json.dumps(said)},
    )
    page.wait_for_function(NOTIFIED)
    page.goto(f"{origin}/cameras/")
    context.service_workers[0].evaluate(
        """async () => {
          const [notification] = await self.registration.getNotifications();
          self.dispatchEvent(new NotificationEvent('notificationclick', {notification}));
        }"""
    )
    page.wait_for_url(f"**/alerts/#{alert['id']}")
    expect(page.locator(f'[data-alert="{alert["id"]}"]')).to_be_visible()
