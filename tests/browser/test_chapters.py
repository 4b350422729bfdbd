"""The chapters of a file, below it in the list."""

from datetime import UTC, datetime
from pathlib import Path

import bson
from playwright.sync_api import Locator, Request, expect

from tests.browser.screen import Screen
from tests.browser.test_access import PHONE, assert_accessible
from tests.support.files import Document, Mongo, store_mp3, store_video
from tests.support.follow import converted
from tests.support.media import with_chapters
from tests.support.users import User

MARKUP = "<img src=x onerror=document.title='owned'><b>bold"
UNBROKEN = "Donaudampfschifffahrtsgesellschaft" * 5
MANY = 500


def chaptered(mongo: Mongo, user: User, *titles: str, name: str = "talk.mp4") -> bson.ObjectId:
    """A done job whose MP3 has chapters with these titles, a minute each; the MP3's id."""
    chapters: list[Document] = [
        {
            "title": title,
            "start": n * 60.0,
            "end": n * 60.0 + 60,
            "head": b"h",
            "first": 0,
            "stop": 1,
        }
        for n, title in enumerate(titles)
    ]
    mp3 = store_mp3(mongo, user.email, store_video(mongo, user.email, name=name, state="done"))
    update = {"$set": {"metadata.chapters": chapters}}
    mongo["mp3s"]["fs.files"].update_one({"_id": mp3}, update)
    return mp3


def fold(screen: Screen, name: str) -> Locator:
    """What unfolds the chapters of a file."""
    return screen.row(name).locator("summary")


def listed(screen: Screen, name: str) -> Locator:
    """The chapters that are seen below a file."""
    return screen.row(name).get_by_role("listitem")


def test_chapters_unfold_with_names_and_times_and_download_as_the_api_gives_them(
    screen: Screen, user: User, tmp_path: Path
) -> None:
    marks = [("The beginning", 0, 1000), ("Two / “zwei”", 1000, 63000)]
    job = converted(user.client, with_chapters(tmp_path / "book.m4a", marks))
    asked = list[Request]()
    screen.page.on("request", lambda request: asked.append(request))
    screen.page.reload()
    screen.shows("book.m4a", "Ready")
    expect(fold(screen, "book.m4a")).to_have_text("2 chapters")
    assert not [request for request in asked if "/chapters" in request.url.partition("/jobs/")[2]]
    fold(screen, "book.m4a").click()
    expect(listed(screen, "book.m4a")).to_contain_text(
        ["The beginning 0:00 – 0:01 · ", "Two / “zwei” 0:01 – 1:03 · "]
    )
    with screen.page.expect_download() as download:
        screen.press("Download", "chapter 2: Two / “zwei”")
    got = tmp_path / "got.mp3"
    download.value.save_as(got)
    own = user.client.request("GET", f"/jobs/{job['id']}/chapters/2")
    assert got.read_bytes() == own.content
    assert download.value.suggested_filename.startswith("02 Two _ ")


def test_markup_in_a_chapters_title_is_text_and_the_list_has_no_barrier(
    screen: Screen, user: User, mongo: Mongo
) -> None:
    titles = [f"{MARKUP} {n}" for n in range(20)]  # more than are seen at once
    chaptered(mongo, user, *titles)
    screen.page.reload()
    fold(screen, "talk.mp4").click()
    expect(listed(screen, "talk.mp4")).to_contain_text(titles)
    assert screen.page.locator("main img, main b").count() == 0
    assert screen.page.title() == "Video2MP3"
    assert_accessible(screen.page)


def test_where_there_are_none_or_none_any_more_nothing_unfolds(
    screen: Screen, user: User, mongo: Mongo
) -> None:
    chaptered(mongo, user, "One", name="with.mp4")
    chaptered(mongo, user, name="without.mp4")
    removed = chaptered(mongo, user, "One", name="removed.mp4")
    update = {"$set": {"metadata.removed": datetime(2026, 11, 3, tzinfo=UTC)}}
    mongo["mp3s"]["fs.files"].update_one({"_id": removed}, update)
    screen.page.reload()
    screen.shows("with.mp4", "Ready")
    expect(fold(screen, "with.mp4")).to_have_text("1 chapter")
    for name, state in (("without.mp4", "Ready"), ("removed.mp4", "Removed")):
        screen.shows(name, state)
        expect(fold(screen, name)).to_have_count(0)


def test_many_with_long_titles_fit_a_phone_scroll_and_need_no_mouse(
    screen: Screen, user: User, mongo: Mongo
) -> None:
    chaptered(mongo, user, UNBROKEN, *(f"Chapter {n}" for n in range(2, MANY + 1)))
    screen.page.set_viewport_size(PHONE)
    screen.page.reload()
    fold(screen, "talk.mp4").focus()
    screen.page.keyboard.press("Enter")
    expect(listed(screen, "talk.mp4")).to_have_count(MANY)
    screen.page.keyboard.press("Tab")
    first = screen.page.get_by_role("button", name=f"Download chapter 1: {UNBROKEN}", exact=True)
    expect(first).to_be_focused()
    assert screen.page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    box = screen.row("talk.mp4").bounding_box()
    assert box and box["height"] < PHONE["height"]
    listed(screen, "talk.mp4").last.get_by_role("button").focus()
    expect(listed(screen, "talk.mp4").last).to_be_in_viewport()


def test_chapters_that_cannot_be_fetched_are_told_and_asked_for_again(
    screen: Screen, user: User, mongo: Mongo
) -> None:
    chaptered(mongo, user, "One")
    screen.page.reload()
    screen.page.route("**/chapters", lambda route: route.fulfill(status=503))
    fold(screen, "talk.mp4").click()
    expect(screen.notice).to_have_text("talk.mp4: The service is busy or being restarted.")
    expect(screen.row("talk.mp4").locator("details")).not_to_have_attribute("open", "")
    screen.page.unroute("**/chapters")
    fold(screen, "talk.mp4").click()
    expect(listed(screen, "talk.mp4")).to_contain_text(["One"])
    expect(screen.notice).to_have_count(0)
