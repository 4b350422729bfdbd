"""Uploads and conversions while they are under way."""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Dialog, Page, expect

from tests.browser.screen import Screen
from tests.support import media
from tests.support.client import Client
from tests.support.wait import until

SLOW = 200_000  # bytes a second
COUNT_ROWS = """() => {
  window.mostRows = 0;
  const count = () => {
    window.mostRows = Math.max(window.mostRows, document.querySelectorAll("main li").length);
  };
  new MutationObserver(count).observe(document.body, { childList: true, subtree: true });
}"""


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
    answers = {"urlPattern": "*/upload", "requestStage": "Response"}
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
