"""The page for everyone: screen readers, the keyboard alone, small screens, dark rooms."""

from pathlib import Path
from typing import Any, Literal

import pymongo
import pytest
from axe_playwright_python.sync_playwright import Axe
from bson import ObjectId
from playwright.sync_api import Page, ViewportSize, expect

from tests.browser.screen import Screen
from tests.browser.test_uploads import slow_line
from tests.support import media
from tests.support.client import Client
from tests.support.users import PASSWORD

Mongo = pymongo.MongoClient[dict[str, Any]]
SCHEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")
PHONE: ViewportSize = {"width": 360, "height": 740}


def assert_accessible(page: Page) -> None:
    """axe-core finds nothing, in the light and in the dark."""
    for scheme in SCHEMES:
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        results = Axe().run(page)
        assert not results.violations_count, f"{scheme}: {results.generate_report()}"


@pytest.fixture
def jobs_of_all_kinds(
    user: tuple[str, Client], videos: dict[str, Path], mongo: Mongo, no_converters: None
) -> None:
    """Jobs in every state, held there."""
    states: list[dict[str, Any]] = [
        {"state": "queued"},
        {"state": "converting", "progress": 43.2},
        {"state": "failed", "error": "no audio track"},
    ]
    for fields in states:
        job = user[1].upload(videos["sound"], f"{fields['state']}.mp4").headers["X-Job-Id"]
        values = {f"metadata.{name}": value for name, value in fields.items()}
        mongo["videos"]["fs.files"].update_one({"_id": ObjectId(job)}, {"$set": values})


def test_the_sign_in_has_no_barrier(page: Page) -> None:
    screen = Screen(page)
    screen.open()
    assert_accessible(page)
    screen.try_to_sign_in("", "")
    assert_accessible(page)


def test_the_ways_to_a_password_by_mail_have_no_barrier(page: Page) -> None:
    page.route("**/registration", lambda route: route.fulfill(json={"registration": "open"}))
    page.set_viewport_size(PHONE)
    Screen(page).open()
    page.get_by_role("button", name="Create an account").click()
    assert_accessible(page)
    page.get_by_role("form").get_by_label("Email").fill("nobody@example.com")
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("on its way")
    assert_accessible(page)
    page.evaluate("location.hash = 'code=none'")
    expect(page.get_by_role("heading", name="Choose a password")).to_be_visible()
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_have_text("A password is needed.")
    assert_accessible(page)


def test_the_empty_list_and_the_options_have_no_barrier(screen: Screen) -> None:
    assert_accessible(screen.page)
    screen.page.get_by_text("Sound options").click()
    assert_accessible(screen.page)


def test_no_state_of_a_job_has_a_barrier(
    jobs_of_all_kinds: None, screen: Screen, tmp_path: Path
) -> None:
    screen.shows("queued.mp4", "In the queue")
    screen.shows("converting.mp4", "Converting 43 %")
    screen.shows("failed.mp4", "Failed: no audio track")
    files = [media.large(tmp_path / name, 4) for name in ("a.mkv", "b.mkv", "c.mkv")]
    with slow_line(screen.page):
        screen.add(*files)
        screen.shows("a.mkv", "Uploading")
        screen.shows("c.mkv", "Waits")
        screen.press("Delete", "failed.mp4")
        expect(screen.page.get_by_role("dialog")).to_be_visible()
        assert_accessible(screen.page)
        screen.answer("Keep")
        assert_accessible(screen.page)


def test_a_finished_file_and_the_player_have_no_barrier(
    screen: Screen, videos: dict[str, Path]
) -> None:
    screen.add(videos["sound"])
    screen.shows("concert.mp4", "Ready")
    assert_accessible(screen.page)
    screen.press("Play", "concert.mp4")
    expect(screen.page.locator("audio")).to_be_focused()
    assert_accessible(screen.page)


def test_no_state_of_the_account_has_a_barrier(screen: Screen) -> None:
    screen.open_account()
    expect(screen.page.get_by_text("There are no keys yet.")).to_be_visible()
    assert_accessible(screen.page)
    screen.make_key("nightly")
    screen.add_webhook("https://example.com/" + "long" * 40)
    screen.page.get_by_role("button", name="Make a feed").click()
    expect(screen.page.get_by_label("The address of your feed")).to_be_focused()
    screen.page.get_by_role("button", name="Show the secret").click()
    expect(screen.page.get_by_label("The secret that signs them")).to_be_focused()
    screen.change_password("wrong", "another-one-4711")
    expect(screen.notice).to_have_text("The current password is wrong.")
    assert_accessible(screen.page)
    screen.press("Revoke", "nightly")
    assert_accessible(screen.page)
    screen.answer("Keep")
    screen.change_password(PASSWORD, "another-one-4711")
    expect(screen.notice).to_contain_text("is changed")
    screen.page.set_viewport_size(PHONE)
    assert screen.page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    assert_accessible(screen.page)


def test_a_small_screen_needs_no_sideways_scrolling(
    jobs_of_all_kinds: None, screen: Screen
) -> None:
    page = screen.page
    page.set_viewport_size(PHONE)
    page.get_by_text("Sound options").click()
    screen.shows("converting.mp4", "Converting")
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    assert_accessible(page)


def test_the_keyboard_alone_is_enough(
    page: Page, user: tuple[str, Client], videos: dict[str, Path]
) -> None:
    screen, keys = Screen(page), page.keyboard
    screen.open()
    expect(page.get_by_label("Email")).to_be_focused()
    keys.type(user[0])
    keys.press("Tab")
    keys.type(PASSWORD)
    keys.press("Enter")
    expect(screen.sign_out).to_be_visible()
    expect(page.get_by_role("main")).to_be_focused()
    keys.press("Tab")
    expect(page.get_by_role("button", name="Choose files")).to_be_focused()
    with page.expect_file_chooser() as chooser:
        keys.press("Enter")
    chooser.value.set_files(videos["sound"])
    screen.shows("concert.mp4", "Ready")
    for _ in ("the options", "the search", "the states", "select all", "select this", "play"):
        keys.press("Tab")
    expect(page.get_by_role("button", name="Play concert.mp4")).to_be_focused()
    keys.press("Enter")
    expect(page.locator("audio")).to_be_focused()
    page.get_by_role("button", name="Close the player").focus()
    keys.press("Enter")
    expect(page.get_by_role("button", name="Play concert.mp4")).to_be_focused()
    keys.press("Tab")
    with page.expect_download():
        keys.press("Enter")
    keys.press("Tab")
    keys.press("Enter")
    expect(page.get_by_role("button", name="Keep")).to_be_focused()
    keys.press("Tab")
    keys.press("Enter")
    expect(screen.row("concert.mp4")).to_have_count(0)
    expect(page.get_by_role("heading", name="Your files")).to_be_focused()


def test_what_happens_is_said_to_a_screen_reader(screen: Screen, videos: dict[str, Path]) -> None:
    said = screen.page.get_by_role("status")
    screen.add(videos["silent"])
    expect(said).to_contain_text("silent film.mp4 is uploaded.")
    expect(said).to_contain_text("silent film.mp4 failed: no audio")


def test_whoever_wants_less_motion_gets_none(screen: Screen) -> None:
    moving = "() => document.getAnimations().filter((a) => a.playState === 'running').length"
    screen.page.emulate_media(reduced_motion="reduce")
    screen.page.locator("#drop").evaluate("(drop) => drop.classList.add('busy')")
    assert screen.page.evaluate(moving) == 0
    screen.page.emulate_media(reduced_motion="no-preference")
    assert screen.page.evaluate(moving) == 1
