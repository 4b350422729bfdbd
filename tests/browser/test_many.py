"""Many files at once: picked, downloaded in one ZIP, deleted, and found again."""

import re
from pathlib import Path
from zipfile import ZipFile

import pytest
from bson import ObjectId
from playwright.sync_api import Locator, Page, expect

from tests.browser.screen import Screen
from tests.browser.test_access import PHONE, assert_accessible
from tests.browser.test_links import opened
from tests.support.client import Client
from tests.support.files import Mongo, store_done, store_video
from tests.support.users import PASSWORD

READY = ["talk.mp4", "concert.mov", "talk.mp4"]
SOUND = b"sound" * 1000


@pytest.fixture
def ready(user: tuple[str, Client], mongo: Mongo) -> list[ObjectId]:
    """Jobs that are done, oldest first."""
    return store_done(mongo, user[0], READY, SOUND)


@pytest.fixture
def failed(user: tuple[str, Client], mongo: Mongo) -> ObjectId:
    """One that failed."""
    return store_video(mongo, user[0], name="silent.mp4", state="failed", error="no audio track")


def pick(screen: Screen, name: str) -> Locator:
    return screen.page.get_by_role("checkbox", name=f"Select {name}", exact=True)


def button(page: Page, name: str) -> Locator:
    return page.get_by_role("button", name=name, exact=True)


def jobs_of(client: Client) -> list[str]:
    return [job["filename"] for job in client.request("GET", "/jobs").json()["jobs"]]


def test_what_is_ready_of_the_picked_comes_in_one_zip_that_the_page_does_not_hold(
    ready: list[ObjectId], failed: ObjectId, screen: Screen, tmp_path: Path
) -> None:
    page = screen.page
    links = opened(page)
    page.get_by_role("checkbox", name="Select all").check()
    expect(page.get_by_text("4 selected")).to_be_visible()
    pick(screen, "concert.mov").uncheck()
    expect(page.get_by_role("checkbox", name="Select all")).to_have_js_property(
        "indeterminate", True
    )
    with page.expect_download() as download:
        button(page, "Download 2 as ZIP").click()
    assert download.value.suggested_filename == "mp3s.zip"
    with ZipFile(download.value.path()) as archive:
        assert {name: archive.read(name) for name in archive.namelist()} == {
            "talk.mp3": SOUND,
            "talk (2).mp3": SOUND,
        }
    assert all("authorization" not in link.all_headers() for link in links)
    expect(page.get_by_role("status")).to_have_text("2 files are being downloaded.")


def test_many_are_deleted_with_one_question(
    ready: list[ObjectId], failed: ObjectId, screen: Screen, user: tuple[str, Client]
) -> None:
    page = screen.page
    pick(screen, "concert.mov").check()
    pick(screen, "silent.mp4").check()
    button(page, "Delete 2").click()
    screen.answer("Keep")
    assert len(jobs_of(user[1])) == 4
    button(page, "Delete 2").click()
    screen.answer("Delete 2 files")
    expect(screen.row("concert.mov")).to_have_count(0)
    expect(screen.row("silent.mp4")).to_have_count(0)
    expect(page.get_by_role("status")).to_have_text("2 files deleted.")
    assert jobs_of(user[1]) == ["talk.mp4", "talk.mp4"]
    expect(page.get_by_role("heading", name="Your files")).to_be_focused()
    expect(page.get_by_text("selected", exact=False)).to_have_count(0)


def test_one_that_was_deleted_elsewhere_meanwhile_is_told_and_nothing_comes(
    ready: list[ObjectId], screen: Screen, user: tuple[str, Client]
) -> None:
    page = screen.page
    page.get_by_role("checkbox", name="Select all").check()
    user[1].request("DELETE", f"/jobs/{ready[1]}").raise_for_status()
    button(page, "Download 3 as ZIP").click()
    expect(screen.notice).to_have_text("It is no longer there.")


def test_files_are_found_by_name_and_state_beyond_what_is_shown(
    ready: list[ObjectId], screen: Screen, user: tuple[str, Client], mongo: Mongo
) -> None:
    page, looked = screen.page, screen.page.get_by_role("searchbox", name="Search by name")
    store_done(mongo, user[0], (f"other {n}.mp4" for n in range(60)), b"x")
    store_video(mongo, user[0], name="Talk (raw).mp4", state="failed", error="no audio track")
    page.reload()
    screen.shows("other 59.mp4", "Ready")
    expect(screen.row("talk.mp4")).to_have_count(0)
    looked.fill("TALK")
    expect(screen.row("talk.mp4")).to_have_count(2)
    expect(screen.row("Talk (raw).mp4")).to_be_visible()
    expect(page.get_by_role("listitem")).to_have_count(3)
    expect(page.get_by_role("status")).to_have_text("3 found")
    page.get_by_label("State", exact=True).select_option("Failed")
    expect(page.get_by_role("listitem")).to_have_count(1)
    looked.fill("(raw).*")
    expect(page.get_by_text("No file has such a name and state.")).to_be_visible()
    button(page, "Show all files").click()
    expect(page.get_by_role("listitem")).to_have_count(50)
    expect(looked).to_be_focused()


def test_what_is_no_longer_listed_is_no_longer_picked(
    ready: list[ObjectId], screen: Screen
) -> None:
    page = screen.page
    page.get_by_role("checkbox", name="Select all").check()
    page.get_by_role("searchbox").fill("concert")
    expect(page.get_by_role("listitem")).to_have_count(1)
    expect(pick(screen, "concert.mov")).not_to_be_checked()
    expect(page.get_by_role("button", name=re.compile("^Delete .$"))).to_have_count(0)


def test_a_new_file_is_seen_whatever_was_looked_for(
    ready: list[ObjectId], screen: Screen, videos: dict[str, Path]
) -> None:
    screen.page.get_by_role("searchbox").fill("talk")
    expect(screen.page.get_by_role("listitem")).to_have_count(2)
    screen.add(videos["text"])
    screen.shows("letter.mp4", "Uploading|queue|Converting|Failed")
    expect(screen.page.get_by_role("searchbox")).to_have_value("")


def test_the_next_user_meets_nothing_of_what_was_looked_for_or_picked(
    ready: list[ObjectId], screen: Screen, user: tuple[str, Client]
) -> None:
    page = screen.page
    page.get_by_role("searchbox").fill("talk")
    expect(page.get_by_role("listitem")).to_have_count(2)
    page.get_by_role("checkbox", name="Select all").check()
    screen.sign_out.click()
    screen.sign_in(user[0], PASSWORD)
    expect(page.get_by_role("listitem")).to_have_count(3)
    expect(page.get_by_role("searchbox")).to_have_value("")
    expect(page.get_by_role("checkbox", checked=True)).to_have_count(0)


def test_many_at_once_has_no_barrier_and_needs_no_mouse(
    ready: list[ObjectId], failed: ObjectId, screen: Screen
) -> None:
    page, keys = screen.page, screen.page.keyboard
    page.get_by_role("searchbox").focus()
    keys.press("Tab")  # the states
    keys.press("Tab")
    keys.press("Space")
    expect(page.get_by_text("4 selected")).to_be_visible()
    assert_accessible(page)
    keys.press("Tab")
    expect(button(page, "Download 3 as ZIP")).to_be_focused()
    with page.expect_download():
        keys.press("Enter")
    keys.press("Tab")
    keys.press("Enter")
    assert_accessible(page)
    keys.press("Escape")
    page.set_viewport_size(PHONE)
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    assert_accessible(page)
    page.get_by_role("searchbox").fill("nothing")
    expect(page.get_by_text("No file has such a name and state.")).to_be_visible()
    assert_accessible(page)
