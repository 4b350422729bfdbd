"""Another password, from the view of the user's account."""

from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, expect

from tests.browser.screen import Screen
from tests.browser.test_uploads import slow_line
from tests.support import media
from tests.support.client import Client
from tests.support.users import PASSWORD
from tests.support.wait import until

NEW = "another-one-4711"
CHANGED = "The password is changed. Every other session of yours has ended."


def test_a_changed_password_ends_every_other_session_and_the_page_goes_on(
    screen: Screen, context: BrowserContext, user: tuple[str, Client]
) -> None:
    email, client = user
    other = Screen(context.new_page())
    other.open()
    other.sign_in(email, PASSWORD)
    screen.open_account()
    screen.change_password(PASSWORD, NEW)
    expect(screen.notice).to_have_text(CHANGED)
    expect(screen.page.get_by_label("Current password")).to_have_value("")
    expect(screen.page.get_by_label("New password")).to_have_value("")
    other.page.reload()
    expect(other.notice).to_have_text("Your session has ended. Please sign in again.")
    until(lambda: client.request("GET", "/jobs").status_code == 401, "the session is over", 1)
    assert client.login(email, PASSWORD).status_code == 401
    assert client.login(email, NEW).ok
    screen.page.get_by_role("button", name="Back to your files").click()
    expect(screen.page.get_by_text("Nothing here yet")).to_be_visible()
    screen.page.reload()
    expect(screen.page.get_by_text("Nothing here yet")).to_be_visible()


def test_uploads_under_way_go_on_over_a_change_of_the_password(
    screen: Screen, user: tuple[str, Client], tmp_path: Path
) -> None:
    with slow_line(screen.page):
        screen.add(media.large(tmp_path / "big.mkv", 8))
        screen.shows("big.mkv", r"Uploading [1-9]")
        screen.open_account()
        screen.change_password(PASSWORD, NEW)
        expect(screen.notice).to_have_text(CHANGED)
    screen.page.get_by_role("button", name="Back to your files").click()
    screen.shows("big.mkv", "Ready")
    user[1].login(user[0], NEW)
    assert len(user[1].request("GET", "/jobs").json()["jobs"]) == 1


def test_a_wrong_current_password_is_told_and_changes_nothing(
    screen: Screen, user: tuple[str, Client]
) -> None:
    screen.open_account()
    screen.change_password("wrong", NEW)
    expect(screen.notice).to_have_text("The current password is wrong.")
    expect(screen.page.get_by_label("Current password")).to_be_focused()
    assert user[1].request("GET", "/jobs").ok
    screen.change_password("", NEW)
    expect(screen.notice).to_have_text("Both passwords are needed.")


def test_a_password_that_is_refused_is_told_in_the_services_words(
    screen: Screen, user: tuple[str, Client]
) -> None:
    screen.open_account()
    screen.change_password(PASSWORD, "1234567")
    expect(screen.notice).to_contain_text("A password needs at least 8 characters.")
    expect(screen.page.get_by_label("New password")).to_be_focused()
    screen.change_password(PASSWORD, "baseball1")
    expect(screen.notice).to_contain_text("The password is one of the most common ones.")
    assert user[1].request("GET", "/jobs").ok


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        (
            {"status": 429, "body": "Too Many Requests", "headers": {"Retry-After": "841"}},
            "Too many wrong passwords. Please try again in 15 minutes.",
        ),
        (
            {"status": 503, "body": "Service Unavailable", "headers": {"Retry-After": "5"}},
            "The service is busy or being restarted. Please try again.",
        ),
    ],
)
def test_a_change_that_may_work_later_says_when(
    screen: Screen, answer: dict[str, object], told: str
) -> None:
    screen.page.route("**/password", lambda route: route.fulfill(**answer))
    screen.open_account()
    screen.change_password(PASSWORD, NEW)
    expect(screen.notice).to_have_text(told)
    expect(screen.sign_out).to_be_visible()


def test_a_page_that_cannot_sign_in_again_by_itself_asks_for_the_new_password(
    screen: Screen, user: tuple[str, Client]
) -> None:
    screen.page.route("**/login", lambda route: route.abort())
    screen.open_account()
    screen.change_password(PASSWORD, NEW)
    expect(screen.notice).to_have_text("Your password is changed. Please sign in with the new one.")
    screen.page.unroute("**/login")
    expect(screen.page.get_by_label("Email")).to_have_value(user[0])
    screen.sign_in(user[0], NEW)


def test_what_is_typed_can_be_looked_at(screen: Screen) -> None:
    screen.open_account()
    new = screen.page.get_by_label("New password")
    expect(new).to_have_attribute("type", "password")
    screen.page.get_by_label("Show what I type").check()
    expect(new).to_have_attribute("type", "text")
    screen.page.get_by_label("Show what I type").uncheck()
    expect(new).to_have_attribute("type", "password")
