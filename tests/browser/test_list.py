"""The list of a user's files."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from playwright.sync_api import expect

from tests.browser.screen import Screen
from tests.support.client import Client
from tests.support.files import Mongo


def failed_job(username: str, number: int) -> dict[str, Any]:
    """The record of a job that failed."""
    return {
        "filename": f"video {number}.mp4",
        "length": 1,
        "chunkSize": 261120,
        "uploadDate": datetime.now(UTC),
        "metadata": {"username": username, "state": "failed", "error": "no audio track"},
    }


def test_a_new_user_is_told_that_there_is_nothing_yet(screen: Screen) -> None:
    expect(screen.page.get_by_text("Nothing here yet")).to_be_visible()


def test_a_deleted_file_is_gone_here_and_there(
    screen: Screen, user: tuple[str, Client], videos: dict[str, Path]
) -> None:
    screen.add(videos["sound"])
    screen.shows("concert.mp4", "Ready")
    screen.press("Delete", "concert.mp4")
    screen.answer("Keep")
    screen.shows("concert.mp4", "Ready")
    screen.press("Delete", "concert.mp4")
    screen.answer("Delete")
    expect(screen.row("concert.mp4")).to_have_count(0)
    expect(screen.page.get_by_text("Nothing here yet")).to_be_visible()
    assert user[1].request("GET", "/jobs").json()["jobs"] == []


def test_a_reload_keeps_the_user_and_the_list(screen: Screen, videos: dict[str, Path]) -> None:
    screen.add(videos["sound"])
    screen.shows("concert.mp4", "In the queue|Converting|Ready")
    screen.page.reload()
    screen.shows("concert.mp4", "Ready")


def test_a_long_list_comes_in_parts(screen: Screen, user: tuple[str, Client], mongo: Mongo) -> None:
    mongo["videos"]["fs.files"].insert_many(failed_job(user[0], n) for n in range(60))
    screen.page.reload()
    screen.shows("video 59.mp4", "Failed")
    expect(screen.page.get_by_role("listitem")).to_have_count(50)
    screen.page.get_by_role("button", name="Show older files").click()
    expect(screen.page.get_by_role("listitem")).to_have_count(60)
    expect(screen.page.get_by_role("button", name="Show older files")).to_be_hidden()


def test_markup_in_a_name_is_text(screen: Screen, videos: dict[str, Path]) -> None:
    name = "<img src=x onerror=document.title='owned'><b>bold.mp4"
    screen.add({"name": name, "mimeType": "video/mp4", "buffer": videos["sound"].read_bytes()})
    screen.shows(name, "Ready")
    screen.press("Play", name)
    expect(screen.page.get_by_role("region", name="Player")).to_contain_text(name)
    screen.press("Delete", name)
    expect(screen.page.get_by_role("dialog")).to_contain_text(name)
    assert screen.page.locator("main img, main b, dialog img").count() == 0
    assert screen.page.title() == "Video2MP3"
