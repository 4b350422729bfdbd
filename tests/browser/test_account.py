"""The view of the user's account, as it is entered and left."""

from playwright.sync_api import Page, Route, expect

from tests.browser.screen import Screen
from tests.browser.test_refusals import gateway
from tests.support.auth import own_auth
from tests.support.client import Client
from tests.support.stack import Stack
from tests.support.users import PASSWORD


def test_signing_out_leaves_nothing_of_the_account(screen: Screen) -> None:
    screen.open_account()
    expect(screen.page.get_by_text("“Sign out” ends your sessions everywhere")).to_be_visible()
    key = screen.make_key("nightly")
    screen.page.get_by_label("New password").fill("another-one-4711")
    screen.sign_out.click()
    expect(screen.page.get_by_role("heading", name="Sign in")).to_be_visible()
    expect(screen.page.get_by_role("heading", name="Your account")).to_have_count(0)
    assert key not in screen.page.content()


def test_a_session_that_ends_leads_from_the_account_to_the_form(
    screen: Screen, user: tuple[str, Client]
) -> None:
    def end_before(route: Route) -> None:
        if route.request.method == "POST":
            user[1].request("POST", "/logout").raise_for_status()
        route.continue_()

    screen.open_account()
    screen.page.get_by_label("Name", exact=True).fill("nightly")
    screen.page.route("**/keys", end_before)  # else a list that still loads may meet the end
    screen.page.get_by_role("button", name="Make a key").click()
    expect(screen.notice).to_have_text("Your session has ended. Please sign in again.")
    expect(screen.page.get_by_role("heading", name="Your account")).to_have_count(0)


def test_an_installation_without_the_accounts_database_says_so_and_shows_no_forms(
    page: Page, stack: Stack, user: tuple[str, Client]
) -> None:
    with (
        own_auth(stack, ACCOUNTS_PASSWORD_FILE="") as auth,
        gateway(stack, AUTH_SVC_ADDRESS=auth.url.removeprefix("http://")) as url,
    ):
        screen = Screen(page)
        screen.open(url)
        screen.sign_in(user[0], PASSWORD)
        screen.open_account()
        expect(page.get_by_text("switched off")).to_be_visible()
        expect(page.get_by_role("form", name="Password")).to_have_count(0)
        expect(page.get_by_role("form", name="A new API key")).to_have_count(0)
        expect(page.get_by_role("form", name="A new webhook")).to_be_visible()


def test_the_keyboard_alone_is_enough_for_the_account(screen: Screen) -> None:
    page, keys = screen.page, screen.page.keyboard
    screen.sign_out.focus()
    keys.press("Shift+Tab")
    expect(page.get_by_role("button", name="Account")).to_be_focused()
    keys.press("Enter")
    expect(page.get_by_role("heading", name="Your account")).to_be_focused()
    expect(page.get_by_text("There are no keys yet.")).to_be_visible()
    for _ in range(5):
        keys.press("Tab")
    expect(page.get_by_role("button", name="Change the password")).to_be_focused()
    keys.press("Tab")
    expect(page.get_by_label("Name", exact=True)).to_be_focused()
    keys.type("nightly")
    keys.press("Enter")
    expect(page.get_by_label("Your new key")).to_be_focused()
    keys.press("Tab")
    expect(page.get_by_role("button", name="Copy")).to_be_focused()
    page.get_by_role("button", name="Revoke nightly").focus()
    keys.press("Enter")
    expect(page.get_by_role("button", name="Keep it")).to_be_focused()
    keys.press("Tab")
    keys.press("Enter")
    expect(page.get_by_role("heading", name="API keys")).to_be_focused()
    page.get_by_role("button", name="Back to your files").focus()
    keys.press("Enter")
    expect(page.get_by_role("button", name="Account")).to_be_focused()
