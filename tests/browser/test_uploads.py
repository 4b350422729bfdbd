"""Uploads and conversions while they are under way."""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Dialog, Page, Request, expect

from tests.browser.screen import Screen
from tests.support import files, media
from tests.support.client import Client
from tests.support.files import Mongo
from tests.support.relay import Relay
from tests.support.stack import Stack
from tests.support.users import PASSWORD, NewUser
from tests.support.wait import until

SLOW = 200_000  # bytes a second
COUNT_ROWS = """() => {
  window.mostRows = 0;
  const count = () => {
    window.mostRows = Math.max(window.mostRows, document.querySelectorAll("main li").length);
  };
  new MutationObserver(count).observe(document.body, { childList: true, subtree: true });
}"""

COUNT_KEPT = """() => new Promise((resolve, reject) => {
  const opened = indexedDB.open("video2mp3");
  opened.onerror = reject;
  opened.onsuccess = () => {
    const count = opened.result.transaction("uploads").objectStore("uploads").count();
    count.onsuccess = () => resolve(count.result);
  };
})"""


@contextmanager
def slow_line(page: Page) -> Iterator[None]:
    """Inside, the tab's uploads are slow."""
    protocol = page.context.new_cdp_session(page)
    limits = {"offline": False, "latency": 0, "downloadThroughput": -1}
    protocol.send("Network.emulateNetworkConditions", limits | {"uploadThroughput": SLOW})
    yield
    protocol.send("Network.emulateNetworkConditions", limits | {"uploadThroughput": -1})
    protocol.detach()


@contextmanager
def answer_held(page: Page, send: Callable[[], None]) -> Iterator[None]:
    """Inside, the gateway has answered the upload that `send` begins, and the tab has no answer."""
    protocol = page.context.new_cdp_session(page)
    held = list[dict[str, str]]()
    protocol.on("Fetch.requestPaused", lambda event: held.append(event))
    answers = {"urlPattern": "*/uploads/*", "requestStage": "Response"}
    protocol.send("Fetch.enable", {"patterns": [answers]})
    send()
    until(lambda: page.evaluate("true") and held, "the upload is answered")
    yield
    protocol.send("Fetch.continueRequest", {"requestId": held[0]["requestId"]})
    protocol.detach()


def test_progress_is_shown_and_no_more_than_two_are_sent_at_once(
    screen: Screen, tmp_path: Path
) -> None:
    names = ["one.mkv", "two.mkv", "three.mkv"]
    files = [media.large(tmp_path / name, 4) for name in names]
    with slow_line(screen.page):
        screen.add(*files)
        screen.shows("one.mkv", r"Uploading [1-9]\d? %")
        screen.shows("two.mkv", r"Uploading [1-9]\d? %")
        screen.shows("three.mkv", "Waits")
        meter = screen.page.get_by_role("progressbar", name="Progress of one.mkv")
        assert 0 < float(meter.get_attribute("value") or 0) < 100
        screen.press("Cancel", "two.mkv")
        expect(screen.row("two.mkv")).to_have_count(0)
        screen.shows("three.mkv", "Uploading")
    screen.shows("one.mkv", "Ready")
    screen.shows("three.mkv", "Ready")


def test_an_upload_has_one_row_when_the_list_knows_its_job_before_the_answer_comes(
    screen: Screen, videos: dict[str, Path], no_converters: None
) -> None:
    page = screen.page
    page.evaluate(COUNT_ROWS)
    with answer_held(page, lambda: screen.add(videos["sound"])):
        with page.expect_response(re.compile("/jobs[?]")):
            page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
        screen.shows("concert.mp4", "Upload")
    screen.shows("concert.mp4", "In the queue")
    assert page.evaluate("mostRows") == 1


def test_leaving_during_an_upload_is_asked_about(screen: Screen, tmp_path: Path) -> None:
    kinds = list[str]()

    def leave(dialog: Dialog) -> None:
        kinds.append(dialog.type)
        dialog.accept()

    screen.page.on("dialog", leave)
    with slow_line(screen.page):
        screen.add(media.large(tmp_path / "big.mkv", 4))
        screen.shows("big.mkv", "Uploading")
        screen.sign_out.click()
        expect(screen.page.get_by_role("dialog")).to_contain_text("1 upload is not finished")
        screen.answer("Stay")
        screen.shows("big.mkv", "Uploading")
        screen.page.reload()
    assert kinds == ["beforeunload"]


def offsets(page: Page) -> list[int]:
    """A list to which each part that the tab sends from now on adds where it begins."""
    seen = list[int]()

    def note(request: Request) -> None:
        if request.method == "PATCH":
            seen.append(int(request.headers["upload-offset"]))

    page.on("request", note)
    return seen


def test_an_upload_goes_on_where_it_was_after_a_lost_link(
    page: Page, stack: Stack, user: tuple[str, Client], tmp_path: Path
) -> None:
    with Relay(stack.env["GATEWAY_URL"]) as relay:
        screen, sent = Screen(page), offsets(page)
        screen.open(f"http://{relay.address}")
        screen.sign_in(user[0], PASSWORD)
        with slow_line(page):
            screen.add(media.large(tmp_path / "big.mkv", 4))
            screen.shows("big.mkv", r"Uploading [3-9]\d %")
            relay.cut()
            screen.shows("big.mkv", r"cannot be reached.* Trying again in \d+ s")
        relay.resume()
        screen.shows("big.mkv", "Ready")
    assert sent[0] == 0
    assert sent[-1] > 0


def test_an_upload_goes_on_by_itself_after_a_reload(
    screen: Screen, user: tuple[str, Client], mongo: Mongo, tmp_path: Path
) -> None:
    page, sent = screen.page, offsets(screen.page)
    page.on("dialog", lambda dialog: dialog.accept())
    video = media.large(tmp_path / "big.mkv", 4)
    with slow_line(page):
        screen.add(video)
        screen.shows("big.mkv", r"Uploading [3-9]\d %")
        page.reload()
    screen.shows("big.mkv", "Ready")
    assert sent[0] == 0
    assert sent[-1] > 0
    (stored,) = files.videos_of(mongo, user[0])
    assert files.content(mongo["videos"], stored["_id"]) == video.read_bytes()
    page.reload()
    screen.shows("big.mkv", "Ready")
    expect(page.get_by_role("listitem")).to_have_count(1)


def test_nobody_else_goes_on_with_an_upload_after_a_sign_out(
    screen: Screen, new_user: NewUser, tmp_path: Path
) -> None:
    page = screen.page
    with slow_line(page):
        screen.add(media.large(tmp_path / "big.mkv", 4))
        screen.shows("big.mkv", r"Uploading [1-9]\d? %")
        screen.sign_out.click()
        screen.answer("Sign out")
    screen.sign_in(new_user()[0], PASSWORD)
    page.reload()
    expect(page.get_by_text("Nothing here yet")).to_be_visible()
    assert page.evaluate(COUNT_KEPT) == 0


def test_a_cancelled_upload_leaves_nothing(
    screen: Screen, user: tuple[str, Client], mongo: Mongo, tmp_path: Path
) -> None:
    with slow_line(screen.page):
        screen.add(media.large(tmp_path / "big.mkv", 4))
        screen.shows("big.mkv", r"Uploading [1-9]\d? %")
        assert mongo["videos"]["uploads"].count_documents({"username": user[0]}) == 1
        screen.press("Cancel", "big.mkv")
        expect(screen.row("big.mkv")).to_have_count(0)
    mine = {"username": user[0]}
    until(lambda: not mongo["videos"]["uploads"].count_documents(mine), "its record is removed")
    assert screen.page.evaluate(COUNT_KEPT) == 0


def test_a_queued_job_can_be_cancelled(
    screen: Screen, user: tuple[str, Client], videos: dict[str, Path], no_converters: None
) -> None:
    screen.add(videos["sound"])
    screen.shows("concert.mp4", "In the queue")
    screen.press("Cancel", "concert.mp4")
    screen.answer("Cancel it")
    expect(screen.row("concert.mp4")).to_have_count(0)
    assert user[1].request("GET", "/jobs").json()["jobs"] == []


def test_a_conversion_tells_its_percents_and_can_be_cancelled(
    screen: Screen, user: tuple[str, Client], tmp_path: Path
) -> None:
    screen.add(media.long_sound(tmp_path / "opera.flac", minutes=45))
    screen.shows("opera.flac", r"Converting [1-9]\d? %")
    screen.press("Cancel", "opera.flac")
    screen.answer("Cancel it")
    expect(screen.row("opera.flac")).to_have_count(0)
    assert user[1].request("GET", "/jobs").json()["jobs"] == []
