"""The user's webhooks, added and removed on the page."""

import re
from pathlib import Path

from playwright.sync_api import expect

from tests.browser.screen import Screen
from tests.support.client import Client
from tests.support.media import with_sound
from tests.support.receiver import Receiver


def test_an_address_is_added_told_and_removed(
    screen: Screen, user: tuple[str, Client], tmp_path: Path
) -> None:
    page = screen.page
    with Receiver() as receiver:
        screen.open_account()
        expect(page.get_by_text("There are no addresses yet.")).to_be_visible()
        screen.add_webhook(receiver.url)
        screen.shows(receiver.url, "Nothing sent yet")
        page.get_by_role("button", name="Show the secret").click()
        shown = page.get_by_label("The secret that signs them")
        expect(shown).to_have_value(re.compile("^whsec_"))
        user[1].upload(with_sound(tmp_path / "talk.mp4", 1)).raise_for_status()
        assert (
            receiver.wait_for(1)[0].verified(shown.input_value())["data"]["filename"] == "talk.mp4"
        )
        page.get_by_role("button", name="Back to your files").click()
        screen.open_account()
        screen.shows(receiver.url, "Last attempt today .*: 200")
        screen.press("Remove", receiver.url)
        screen.answer("Remove it")
        expect(page.get_by_text("There are no addresses yet.")).to_be_visible()
    assert user[1].request("GET", "/webhooks").json() == {"webhooks": []}


def test_another_secret_is_made_once_it_is_confirmed(
    screen: Screen, user: tuple[str, Client]
) -> None:
    page = screen.page
    first = user[1].request("GET", "/webhook-secret").json()["secret"]
    screen.open_account()
    page.get_by_role("button", name="Make another secret").click()
    screen.answer("Keep this one")
    page.get_by_role("button", name="Show the secret").click()
    shown = page.get_by_label("The secret that signs them")
    expect(shown).to_have_value(first)
    page.get_by_role("button", name="Make another secret").click()
    screen.answer("Make it")
    expect(shown).not_to_have_value(first)
    expect(shown).to_have_value(user[1].request("GET", "/webhook-secret").json()["secret"])


def test_what_is_no_address_is_refused_in_the_services_words(screen: Screen) -> None:
    page = screen.page
    screen.open_account()
    page.get_by_role("button", name="Add it").click()
    expect(screen.notice).to_have_text("An address is needed.")
    page.get_by_role("form", name="A new webhook").get_by_label("Address").fill("example.com")
    page.get_by_role("button", name="Add it").click()
    expect(screen.notice).to_contain_text("must be an http or https URL")
    page.get_by_role("form", name="A new webhook").get_by_label("Address").fill(
        "https://gone.example.com/"
    )
    page.route("**/webhooks", lambda route: route.fulfill(status=503))
    page.get_by_role("button", name="Add it").click()
    expect(screen.notice).to_be_visible()
    page.unroute("**/webhooks")
    page.get_by_role("button", name="Add it").click()
    screen.shows("https://gone.example.com/", "Nothing sent yet")


def test_an_upload_names_an_address_of_its_own(screen: Screen, tmp_path: Path) -> None:
    with Receiver() as receiver:
        screen.page.get_by_text("Sound options").click()
        screen.page.locator("#webhook").fill(receiver.url)
        screen.add(with_sound(tmp_path / "talk.mp4", 1))
        screen.shows("talk.mp4", "a webhook|Ready|Done")
        assert receiver.wait_for(1)
