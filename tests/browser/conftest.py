"""A real browser on the local stack."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Page,
    expect,
    sync_playwright,
)

from tests.browser.screen import Screen
from tests.support import media
from tests.support.client import Client
from tests.support.stack import Stack
from tests.support.users import PASSWORD
from tests.system.conftest import mongo, new_user, stack, user

__all__ = ["mongo", "new_user", "stack", "user"]  # pytest finds fixtures by these names

ACTION_TIMEOUT = 15_000  # milliseconds
EXPECT_TIMEOUT = 30_000  # milliseconds; two cores may be busy with a conversion
CHROMIUM = os.environ.get("CHROMIUM", "/usr/bin/chromium")
ARGUMENTS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    expect.set_options(timeout=EXPECT_TIMEOUT)
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield chromium
        chromium.close()


@pytest.fixture(scope="session")
def videos(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """A video with sound, one without, and what is no video; do not change them."""
    folder = tmp_path_factory.mktemp("videos")
    text = folder / "letter.mp4"
    text.write_text("Dear reader, this is not a video.\n" * 20, encoding="utf-8")
    return {
        "sound": media.with_sound(folder / "concert.mp4", title="Air"),
        "silent": media.silent(folder / "silent film.mp4"),
        "text": text,
    }


@pytest.fixture
def context(browser: Browser, stack: Stack) -> Iterator[BrowserContext]:
    """A browser's profile of this test alone, for a screen of desk size."""
    made = browser.new_context(
        base_url=stack.env["GATEWAY_URL"],
        viewport={"width": 1200, "height": 900},
        reduced_motion="reduce",  # painting the motion costs time and shows nothing here
    )
    made.set_default_timeout(ACTION_TIMEOUT)
    yield made
    made.close()


@pytest.fixture
def page(context: BrowserContext) -> Iterator[Page]:
    """A tab; no test may leave an error of a script or a breach of the policy in its console."""
    tab, complaints = context.new_page(), list[str]()

    def listen(message: ConsoleMessage) -> None:
        if "Policy" in message.text:
            complaints.append(message.text)

    tab.on("pageerror", lambda error: complaints.append(str(error)))
    tab.on("console", listen)
    # File choosers are intercepted once somebody listens, a moment later: a key can be faster.
    tab.on("filechooser", lambda chooser: None)
    yield tab
    assert not complaints


@pytest.fixture
def screen(page: Page, user: tuple[str, Client]) -> Screen:
    """The page with `user` signed in."""
    opened = Screen(page)
    opened.open()
    opened.sign_in(user[0], PASSWORD)
    return opened


@pytest.fixture
def no_converters(stack: Stack) -> Iterator[None]:
    """As long as the test runs, jobs stay in the queue."""
    stack.signal("STOP", "converter:*")  # frozen: quicker than an end and a new start
    yield
    stack.signal("CONT", "converter:*")
