"""When the service does not take a file, or does not answer."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Page, expect

from tests.browser.screen import Screen
from tests.support import media
from tests.support.client import Client
from tests.support.files import Mongo, store_video
from tests.support.gateway import own_gateway
from tests.support.relay import Relay
from tests.support.stack import Stack
from tests.support.users import PASSWORD


@contextmanager
def gateway(stack: Stack, **settings: str) -> Iterator[str]:
    """The URL of a gateway with settings of its own, which ends soon at the end."""
    with own_gateway(stack, SHUTDOWN_GRACE="1", **settings) as process:
        try:
            yield process.url
        finally:
            process.terminate()


def test_a_refused_option_is_told_in_the_services_words(
    screen: Screen, videos: dict[str, Path]
) -> None:
    screen.page.get_by_text("Sound options").click()
    screen.page.get_by_label("From").fill("2")
    screen.page.get_by_label("To", exact=True).fill("1")
    screen.add(videos["sound"])
    screen.shows("concert.mp4", "end must be after start")
    screen.press("Remove", "concert.mp4")
    expect(screen.row("concert.mp4")).to_have_count(0)


def test_a_file_over_the_limit_is_told_so(
    page: Page, stack: Stack, user: tuple[str, Client], tmp_path: Path
) -> None:
    with gateway(stack, UPLOAD_MAX_BYTES="1000000") as url:
        screen = Screen(page)
        screen.open(url)
        screen.sign_in(user[0], PASSWORD)
        screen.add(media.large(tmp_path / "big.mkv", 30))
        screen.shows("big.mkv", "larger than this service takes")


def test_who_has_no_space_left_is_told_so_and_sees_how_much_is_used(
    page: Page, stack: Stack, user: tuple[str, Client], videos: dict[str, Path], mongo: Mongo
) -> None:
    job = store_video(mongo, user[0], b"x" * 1_500_000, state="failed")
    with gateway(stack, USER_QUOTA_BYTES="1510000") as url:
        screen = Screen(page)
        screen.open(url)
        screen.sign_in(user[0], PASSWORD)
        expect(page.get_by_text("1.5 MB of 1.5 MB used")).to_be_visible()
        expect(page.get_by_role("progressbar", name="Space used")).to_be_visible()
        screen.add(videos["sound"])
        screen.shows("concert.mp4", "no space left for it")
        assert user[1].request("DELETE", f"/jobs/{job}").status_code == 204
        expect(page.get_by_text("0 B of 1.5 MB used")).to_be_visible(timeout=15_000)


def test_without_a_quota_only_the_sum_is_shown(
    screen: Screen, user: tuple[str, Client], mongo: Mongo
) -> None:
    store_video(mongo, user[0], b"x" * 1_500_000, state="failed")
    screen.page.reload()
    expect(screen.page.get_by_text("1.5 MB used", exact=True)).to_be_visible()
    expect(screen.page.get_by_role("progressbar", name="Space used")).to_have_count(0)


def test_too_many_conversions_wait_for_their_turn(
    page: Page,
    stack: Stack,
    user: tuple[str, Client],
    videos: dict[str, Path],
    no_converters: None,
) -> None:
    with gateway(stack, MAX_JOBS_IN_FLIGHT="1") as url:
        screen = Screen(page)
        screen.open(url)
        screen.sign_in(user[0], PASSWORD)
        screen.add(videos["sound"])
        screen.shows("concert.mp4", "In the queue")
        screen.add(videos["silent"])
        screen.shows("silent film.mp4", r"as many conversions .* Trying again in \d+ s")
        screen.press("Cancel", "silent film.mp4")
        expect(screen.row("silent film.mp4")).to_have_count(0)


def test_a_busy_service_is_tried_again(
    page: Page, stack: Stack, user: tuple[str, Client], videos: dict[str, Path]
) -> None:
    with (
        Relay(stack.env["AUTH_URL"]) as relay,
        gateway(stack, AUTH_SVC_ADDRESS=relay.address) as url,
    ):
        screen = Screen(page)
        screen.open(url)
        relay.cut()
        screen.try_to_sign_in(user[0], PASSWORD)
        expect(screen.notice).to_have_text(re.compile("busy.* Please try again"))
        relay.resume()
        screen.sign_in(user[0], PASSWORD)
        relay.cut()
        screen.add(videos["sound"])
        screen.shows("concert.mp4", r"busy.* Trying again in \d+ s")
        relay.resume()
        screen.shows("concert.mp4", "Ready")


def test_a_lost_connection_is_told_until_it_is_back(
    screen: Screen, videos: dict[str, Path], no_converters: None
) -> None:
    screen.add(videos["sound"])
    screen.shows("concert.mp4", "In the queue")
    screen.page.context.set_offline(True)
    expect(screen.notice).to_contain_text("cannot be reached")
    screen.shows("concert.mp4", "In the queue")
    screen.page.context.set_offline(False)
    expect(screen.notice).to_have_count(0)
