"""The user's API keys, made and revoked on the page."""

from playwright.sync_api import expect

from tests.browser.screen import Screen
from tests.support.client import Client
from tests.support.wait import until

SHOWN_ONCE = "Keep it now: it will not be shown again."


def status(user: tuple[str, Client], key: str) -> int:
    """How the service answers a program with this key."""
    return Client(user[1].url, key).request("GET", "/jobs").status_code


def test_a_key_is_shown_once_copied_and_signs_a_program_in_until_it_is_revoked(
    screen: Screen, user: tuple[str, Client]
) -> None:
    page = screen.page
    screen.open_account()
    expect(page.get_by_text("There are no keys yet.")).to_be_visible()
    key = screen.make_key("nightly")
    expect(page.get_by_text(SHOWN_ONCE)).to_be_visible()
    page.get_by_role("button", name="Copy").click()
    expect(page.get_by_role("status")).to_have_text("The key is copied.")
    page.get_by_label("Name", exact=True).press("Control+V")
    expect(page.get_by_label("Name", exact=True)).to_have_value(key)
    assert status(user, key) == 200
    page.get_by_role("button", name="Back to your files").click()
    assert key not in page.content()
    screen.open_account()
    screen.shows("nightly", f"{key[:16]}… · made today")
    screen.shows("nightly", r"Ends \d+ \w+ 20\d\d · last used today")
    expect(page.get_by_text(SHOWN_ONCE)).to_be_hidden()
    screen.press("Revoke", "nightly")
    screen.answer("Keep it")
    assert status(user, key) == 200
    screen.press("Revoke", "nightly")
    screen.answer("Revoke it")
    expect(page.get_by_text("There are no keys yet.")).to_be_visible()
    assert status(user, key) == 401


def test_the_list_of_keys_says_when_each_ends(screen: Screen, user: tuple[str, Client]) -> None:
    short = user[1].request("POST", "/keys", data={"name": "short", "lifetime": 1}).json()["key"]
    until(lambda: status(user, short) == 401, "the key has ended")
    screen.open_account()
    screen.make_key("for ever", "never")
    screen.make_key("<b>a year</b>", "in a year")
    screen.shows("short", "Ended today .* last used today")
    screen.shows("for ever", "No end")
    screen.shows("<b>a year</b>", r"Ends \d+ \w+ 20\d\d")
    made = {key["name"]: key for key in user[1].request("GET", "/keys").json()["keys"]}
    assert made["for ever"]["expires"] is None


def test_a_key_without_a_name_or_one_too_many_is_refused(screen: Screen) -> None:
    screen.open_account()
    screen.page.get_by_role("button", name="Make a key").click()
    expect(screen.notice).to_have_text("A name is needed.")
    refused = {"status": 409, "body": "You have 100 API keys already"}
    screen.page.route("**/keys", lambda route: route.fulfill(**refused))
    screen.page.get_by_label("Name", exact=True).fill("one more")
    screen.page.get_by_role("button", name="Make a key").click()
    expect(screen.notice).to_have_text("You have 100 API keys already.")
