"""Real recordings, each taken through the whole system."""

from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from tests.support import media, sound, users
from tests.support.client import Client
from tests.support.recordings import CUT_OFF, SILENT, WITH_SOUND, Library, Recording
from tests.support.sound import MOST_SHIFT, RATE, Samples
from tests.support.stack import Stack
from tests.support.wait import until

DONE_WITHIN = 60  # seconds, all of them
BRANDS = {"major_brand", "minor_version", "compatible_brands", "encoder"}

ALL = (*WITH_SOUND, *SILENT, *CUT_OFF)
Jobs = Mapping[Recording, dict[str, Any]]
Mp3Of = Callable[[Recording], Path]

with_sound = pytest.mark.parametrize("recording", WITH_SOUND, ids=lambda one: one.name)
silent = pytest.mark.parametrize("recording", SILENT, ids=lambda one: one.name)
cut_off = pytest.mark.parametrize("recording", CUT_OFF, ids=lambda one: one.name)


@pytest.fixture(scope="module")
def client(stack: Stack) -> Client:
    """A user of these tests alone."""
    return users.new_user(stack).client


@pytest.fixture(scope="module")
def jobs(client: Client, library: Library) -> Jobs:
    """How the job of each recording ended; all were uploaded at once."""
    library.fetch(ALL)

    def ended(job_id: str) -> dict[str, Any]:
        job: dict[str, Any] = client.request("GET", f"/jobs/{job_id}?wait=10").json()
        return job if job["state"] in {"done", "failed"} else {}

    def convert(recording: Recording) -> dict[str, Any]:
        job_id = client.upload(library[recording]).headers["X-Job-Id"]
        return until(lambda: ended(job_id), f"the end of {recording.name}", DONE_WITHIN)

    with ThreadPoolExecutor(len(ALL)) as pool:
        return dict(zip(ALL, pool.map(convert, ALL), strict=True))


@pytest.fixture(scope="module")
def mp3_of(client: Client, jobs: Jobs, tmp_path_factory: pytest.TempPathFactory) -> Mp3Of:
    """Downloads the MP3 of a recording."""
    folder = tmp_path_factory.mktemp("mp3s")

    def download(recording: Recording) -> Path:
        job = jobs[recording]
        assert job["state"] == "done", job["error"]
        path = folder / f"{recording.name}.mp3"
        path.write_bytes(client.download(job["mp3_fid"]).content)
        return path

    return download


def aligned(source: Samples, mp3: Samples) -> tuple[Samples, Samples]:
    late = sound.shift(source, mp3)
    assert abs(late) < MOST_SHIFT, "no place within 50 ms where both are alike"
    return source[max(0, -late) :], mp3[max(0, late) :]


@with_sound
def test_the_mp3_is_the_whole_sound_of_a_real_recording(
    recording: Recording, library: Library, mp3_of: Mp3Of
) -> None:
    source, _ = sound.decode(library[recording])
    mp3, complaints = sound.decode(mp3_of(recording))
    assert not complaints
    assert len(mp3) / RATE == pytest.approx(recording.seconds, abs=0.1)
    windows = list(sound.windows(*aligned(source, mp3)))
    assert windows
    assert min(likeness for likeness, _ in windows) > 0.9
    assert max(abs(louder) for _, louder in windows) < 1


@with_sound
def test_its_mp3_has_its_tags_and_channels_and_none_of_its_containers_brands(
    recording: Recording, mp3_of: Mp3Of
) -> None:
    found = media.probe(mp3_of(recording))
    assert [(stream["codec_name"], stream["channels"]) for stream in found["streams"]] == [
        ("mp3", recording.channels)
    ]
    tags = found["format"].get("tags", {})
    assert tags.items() >= recording.tags.items()
    assert not BRANDS & tags.keys()


@silent
def test_a_real_video_without_sound_is_told_so(recording: Recording, jobs: Jobs) -> None:
    assert jobs[recording]["error_code"] == "no_audio_track"


@cut_off
def test_a_real_recording_that_is_cut_off_is_told_so(recording: Recording, jobs: Jobs) -> None:
    assert jobs[recording]["error_code"] == "file_cut_off"
