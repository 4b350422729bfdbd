"""Signing in and out, and what is left behind."""

import time
from collections.abc import Callable
from pathlib import Path

import jwt
from playwright.sync_api import BrowserContext, Page, expect

from tests.browser.screen import Screen
from tests.support import media
from tests.support.client import Client
from tests.support.stack import Stack
from tests.support.users import PASSWORD
from tests.support.wait import until

NewUser = Callable[[], tuple[str, Client]]


def token_for(stack: Stack, email: str, seconds: float) -> str:
    """A token as auth issues it, that ends in so many seconds."""
    secret = (stack.folder / "secrets/jwt_secret").read_text(encoding="utf-8").strip()
    return jwt.encode({"username": email, "exp": int(time.time() + seconds)}, secret, "HS256")


def test_a_wrong_password_is_told_and_opens_no_dialog_of_the_browser(
    page: Page, user: tuple[str, Client]
) -> None:
    asked = list[object]()
    protocol = page.context.new_cdp_session(page)
    protocol.on("Fetch.authRequired", lambda event: asked.append(event))

    def go_on(event: dict[str, str]) -> None:
        protocol.send("Fetch.continueRequest", {"requestId": event["requestId"]})

    protocol.on("Fetch.requestPaused", go_on)
    screen = Screen(page)
    screen.open()
    protocol.send("Fetch.enable", {"handleAuthRequests": True})
    screen.try_to_sign_in(user[0], "wrong")
    expect(screen.notice).to_have_text("Email or password is wrong.")
    expect(page.get_by_label("Password")).to_be_focused()
    assert asked == []


def test_after_too_many_wrong_passwords_the_page_says_when_to_come_again(page: Page) -> None:
    refused = {"status": 429, "body": "Too Many Requests", "headers": {"Retry-After": "841"}}
    page.route("**/login", lambda route: route.fulfill(**refused))
    screen = Screen(page)
    screen.open()
    screen.try_to_sign_in("ann@example.com", "wrong")
    expect(screen.notice).to_have_text("Too many wrong passwords. Please try again in 15 minutes.")


def test_an_empty_form_asks_for_both(page: Page) -> None:
    screen = Screen(page)
    screen.open()
    screen.try_to_sign_in("", "")
    expect(screen.notice).to_have_text("Both an email and a password are needed.")
    expect(page.get_by_label("Email")).to_be_focused()


def test_the_token_stays_in_the_tab_and_out_of_every_address(
    page: Page, user: tuple[str, Client], videos: dict[str, Path]
) -> None:
    addresses = list[str]()
    page.on("request", lambda request: addresses.append(request.url))
    screen = Screen(page)
    screen.open()
    screen.sign_in(user[0], PASSWORD)
    screen.add(videos["sound"])
    screen.shows("concert.mp4", "Ready")
    with page.expect_download():
        screen.press("Download", "concert.mp4")
    token = screen.token()
    assert token.count(".") == 2
    assert len(addresses) > 10
    assert not [address for address in addresses if token in address]
    assert page.context.cookies() == []
    assert page.evaluate("localStorage.length") == 0


def test_signing_out_leaves_nothing_for_the_next_user(
    screen: Screen, new_user: NewUser, videos: dict[str, Path]
) -> None:
    screen.add(videos["sound"])
    screen.shows("concert.mp4", "Ready")
    screen.press("Play", "concert.mp4")
    screen.sign_out.click()
    expect(screen.page.get_by_role("heading", name="Sign in")).to_be_visible()
    assert "concert" not in screen.page.content()
    assert screen.token() in ("", "None")
    screen.sign_in(new_user()[0], PASSWORD)
    expect(screen.page.get_by_text("Nothing here yet")).to_be_visible()
    expect(screen.row("concert.mp4")).to_have_count(0)


def test_two_users_at_once_see_only_their_own(
    screen: Screen, context: BrowserContext, new_user: NewUser, videos: dict[str, Path]
) -> None:
    screen.add(videos["sound"])
    screen.shows("concert.mp4", "Ready")
    other = Screen(context.new_page())
    other.open()
    other.sign_in(new_user()[0], PASSWORD)
    expect(other.page.get_by_text("Nothing here yet")).to_be_visible()
    screen.page.reload()
    screen.shows("concert.mp4", "Ready")


def test_an_expired_token_leads_back_to_the_form(
    screen: Screen, stack: Stack, user: tuple[str, Client]
) -> None:
    screen.replace_token(token_for(stack, user[0], -5))
    expect(screen.notice).to_have_text("Your session has ended. Please sign in again.")
    expect(screen.page.get_by_label("Email")).to_have_value(user[0])
    expect(screen.page.get_by_label("Password")).to_be_focused()
    screen.sign_in(user[0], PASSWORD)


def test_an_upload_that_meets_an_expired_token_goes_on_after_the_next_login(
    screen: Screen, stack: Stack, user: tuple[str, Client], tmp_path: Path
) -> None:
    short = token_for(stack, user[0], 3)
    screen.replace_token(short)
    expect(screen.page.get_by_text("Nothing here yet")).to_be_visible()
    ends = Client(stack.env["GATEWAY_URL"], short)
    until(lambda: ends.request("GET", "/jobs").status_code == 401, "the token has expired")
    screen.add(media.large(tmp_path / "big.mkv", 20))
    expect(screen.notice).to_have_text(
        "Your session has ended. Please sign in again. 1 upload goes on after that."
    )
    screen.sign_in(user[0], PASSWORD)
    screen.shows("big.mkv", "Ready")
    assert len(user[1].request("GET", "/jobs").json()["jobs"]) == 1


def test_uploads_of_one_user_do_not_go_on_as_another(
    screen: Screen, stack: Stack, new_user: NewUser, videos: dict[str, Path]
) -> None:
    first, second = new_user(), new_user()
    short = token_for(stack, first[0], 3)
    screen.replace_token(short)
    expect(screen.page.get_by_text("Nothing here yet")).to_be_visible()
    ends = Client(stack.env["GATEWAY_URL"], short)
    until(lambda: ends.request("GET", "/jobs").status_code == 401, "the token has expired")
    screen.add(videos["sound"])
    expect(screen.page.get_by_role("heading", name="Sign in")).to_be_visible()
    screen.sign_in(second[0], PASSWORD)
    expect(screen.notice).to_contain_text("1 upload")
    expect(screen.row("concert.mp4")).to_have_count(0)
    assert second[1].request("GET", "/jobs").json()["jobs"] == []
