"""The picture of the page in the README; UPDATE_SCREENSHOT=1 makes it anew."""

import os
import struct
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from bson import ObjectId
from playwright.sync_api import Browser, Page

from tests.browser.screen import Screen
from tests.support.files import Mongo
from tests.support.project import ROOT
from tests.support.stack import Stack
from tests.support.users import PASSWORD, add_user

PICTURE = ROOT / "docs/page.png"
SIZE = (2000, 1960)  # pixels: two to each of the page's
ADA = "ada@example.com"
FIRST = datetime(2026, 11, 3, 9, 30, tzinfo=UTC)  # long ago enough to be shown as a day

MB = 1_000_000
NO_AUDIO = {"state": "failed", "error": "no audio track", "error_code": "no_audio_track"}
VIDEOS: list[tuple[str, int, dict[str, Any]]] = [
    ("Lecture 7, Bernoulli numbers.mp4", 912 * MB, {"state": "queued"}),
    ("Garden concert.mov", 1480 * MB, {"state": "converting", "progress": 62}),
    ("Interview with Mary Somerville.mkv", 388 * MB, {"state": "done"}),
    ("Loom at work, no microphone.mp4", 41 * MB, NO_AUDIO),
    ("Notes on the engine.mp4", 274 * MB, {"state": "done", "options": {"bitrate": "192k"}}),
]
MP3S = {"Interview with Mary Somerville.mkv": 31 * MB, "Notes on the engine.mp4": 22 * MB}


@pytest.fixture
def ada(stack: Stack, mongo: Mongo) -> Iterator[str]:
    """A user with a list of jobs, one in each state."""
    stack.sql("DELETE FROM user WHERE email = %s", ADA)
    add_user(stack, ADA, PASSWORD)
    for age, (filename, length, metadata) in enumerate(VIDEOS):
        video = _file(filename, length, FIRST - timedelta(days=age), username=ADA, **metadata)
        mongo["videos"]["fs.files"].insert_one(video)
        if size := MP3S.get(filename):
            mp3 = _file(filename, size, FIRST, username=ADA, video_fid=str(video["_id"]))
            mongo["mp3s"]["fs.files"].insert_one(mp3)
    yield ADA
    for database in ("videos", "mp3s"):
        mongo[database]["fs.files"].delete_many({"metadata.username": ADA})


def _file(filename: str, length: int, uploaded: datetime, **metadata: Any) -> dict[str, Any]:
    return {
        "_id": ObjectId(),
        "filename": filename,
        "length": length,
        "chunkSize": 261120,
        "uploadDate": uploaded,
        "metadata": metadata,
    }


@pytest.fixture
def canvas(browser: Browser, stack: Stack) -> Iterator[Page]:
    """A page of the picture's size, light and at rest."""
    context = browser.new_context(
        base_url=stack.env["GATEWAY_URL"],
        viewport={"width": SIZE[0] // 2, "height": SIZE[1] // 2},
        device_scale_factor=2,
        color_scheme="light",
        reduced_motion="reduce",
    )
    yield context.new_page()
    context.close()


def _size(png: Path) -> tuple[int, int]:
    """Width and height of a PNG, which its header begins with."""
    width, height = struct.unpack(">II", png.read_bytes()[16:24])
    return width, height


def test_the_picture_of_the_readme_can_be_made_anew(canvas: Page, ada: str, tmp_path: Path) -> None:
    screen = Screen(canvas)
    screen.open()
    screen.sign_in(ada, PASSWORD)
    for filename, state in zip(
        (filename for filename, _, _ in VIDEOS),
        ("In the queue", "Converting 62 %", "Ready", "Failed: no audio track", "Ready"),
        strict=True,
    ):
        screen.shows(filename, state)
    made = tmp_path / "page.png"
    canvas.screenshot(path=made)
    if os.environ.get("UPDATE_SCREENSHOT"):
        PICTURE.write_bytes(made.read_bytes())
    assert _size(made) == _size(PICTURE) == SIZE
