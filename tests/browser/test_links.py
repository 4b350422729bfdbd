"""The page plays and downloads by links, and ends them."""

from pathlib import Path

import requests
from playwright.sync_api import Page, Request, expect

from tests.browser.screen import Screen

TIMEOUT = 10  # seconds


def opened(page: Page) -> list[Request]:
    """The requests by links that the page makes from now on."""
    found = list[Request]()

    def note(request: Request) -> None:
        if "/links/" in request.url:
            found.append(request)

    page.on("request", note)
    return found


def ready(screen: Screen, videos: dict[str, Path]) -> None:
    screen.add(videos["sound"])
    screen.shows("concert.mp4", "Ready")


def test_a_sound_is_played_as_it_comes_and_not_held_in_memory(
    screen: Screen, videos: dict[str, Path]
) -> None:
    ready(screen, videos)
    links = opened(screen.page)
    screen.press("Play", "concert.mp4")
    screen.plays()
    for link in links:
        headers = link.all_headers()
        assert headers["range"].startswith("bytes=")
        assert "authorization" not in headers and "referer" not in headers
    assert links


def test_the_user_ends_all_links(screen: Screen, videos: dict[str, Path]) -> None:
    ready(screen, videos)
    links = opened(screen.page)
    screen.press("Play", "concert.mp4")
    screen.plays()
    screen.page.get_by_role("button", name="End all links").click()
    screen.answer("Keep them")
    assert requests.get(links[0].url, timeout=TIMEOUT).ok
    screen.page.get_by_role("button", name="End all links").click()
    screen.answer("End them")
    expect(screen.page.get_by_text("Every link that was made until now has ended.")).to_have_count(
        2  # the second one is said to a screen reader
    )
    assert requests.get(links[0].url, timeout=TIMEOUT).status_code == 410


def test_a_sound_that_cannot_be_fetched_is_told_and_the_next_press_plays_it(
    screen: Screen, videos: dict[str, Path]
) -> None:
    ready(screen, videos)
    screen.page.route("**/links/*", lambda route: route.abort())
    screen.press("Play", "concert.mp4")
    expect(screen.notice).to_have_text(
        "The sound could not be fetched to its end. Please play it again."
    )
    expect(screen.page.get_by_role("region", name="Player")).to_be_hidden()
    screen.page.unroute("**/links/*")
    screen.press("Play", "concert.mp4")
    screen.plays()


def test_links_that_cannot_be_ended_are_told(screen: Screen) -> None:
    screen.page.get_by_role("button", name="End all links").click()
    screen.page.context.set_offline(True)
    screen.answer("End them")
    expect(screen.notice.first).to_have_text(
        "The service cannot be reached. Is this device online?"
    )
