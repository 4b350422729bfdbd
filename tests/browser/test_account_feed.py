"""The user's podcast feed, made, replaced and ended on the page."""

import requests
from playwright.sync_api import expect

from tests.browser.screen import Screen
from tests.support.client import Client

NONE = "There is no feed yet."


def status(url: str) -> int:
    """How the service answers a podcast app with this address."""
    return requests.get(url, timeout=30).status_code


def test_a_feed_is_shown_once_copied_replaced_and_ended(
    screen: Screen, user: tuple[str, Client]
) -> None:
    page = screen.page
    screen.open_account()
    expect(page.get_by_text(NONE)).to_be_visible()
    page.get_by_role("button", name="Make a feed").click()
    shown = page.get_by_label("The address of your feed")
    expect(shown).to_be_focused()
    first = shown.input_value()
    assert status(first) == 200
    page.get_by_role("button", name="Copy").click()
    expect(page.get_by_role("status")).to_have_text("The address is copied.")
    page.get_by_label("Name", exact=True).press("Control+V")
    expect(page.get_by_label("Name", exact=True)).to_have_value(first)
    page.get_by_role("button", name="Back to your files").click()
    assert first not in page.content()
    screen.open_account()
    expect(page.get_by_text("Its address was made today")).to_be_visible()
    expect(shown).to_be_hidden()
    page.get_by_role("button", name="Make another address").click()
    screen.answer("Keep this one")
    assert status(first) == 200
    page.get_by_role("button", name="Make another address").click()
    screen.answer("Make it")
    expect(shown).to_be_focused()
    second = shown.input_value()
    assert (status(first), status(second)) == (404, 200)
    page.get_by_role("button", name="End the feed").click()
    screen.answer("End it")
    expect(page.get_by_text(NONE)).to_be_visible()
    expect(page.get_by_role("heading", name="Podcast feed")).to_be_focused()
    expect(shown).to_be_hidden()
    assert status(second) == 404


def test_what_goes_wrong_is_told_and_the_feed_stays(
    screen: Screen, user: tuple[str, Client]
) -> None:
    page = screen.page
    url = user[1].request("POST", "/feed").json()["url"]
    screen.open_account()
    page.route("**/feed", lambda route: route.fulfill(status=503))
    page.get_by_role("button", name="End the feed").click()
    screen.answer("End it")
    expect(screen.notice).to_be_visible()
    assert status(url) == 200
    page.unroute("**/feed")
    page.get_by_role("button", name="End the feed").click()
    screen.answer("End it")
    expect(page.get_by_text(NONE)).to_be_visible()
    expect(screen.notice).to_be_hidden()
    assert status(url) == 404
