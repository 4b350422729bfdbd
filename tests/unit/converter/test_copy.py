"""Sound that is MP3 already is copied, unless it is to be another sound."""

import subprocess
from pathlib import Path

import pytest

from servicekit.jobs.options import Options
from tests.support.media import probe
from tests.unit.converter.conftest import PICTURE, TONE, Make
from tests.unit.converter.engine import convert, reason

TIMEOUT = 30  # seconds
MP3 = ("-c:v", "mpeg4", "-c:a", "libmp3lame", "-b:a", "96k")


@pytest.fixture
def target(tmp_path: Path) -> Path:
    return tmp_path / "sound.mp3"


def packets(path: Path) -> bytes:
    """A hash of the sound as it is stored, without its container."""
    command = ["ffmpeg", "-v", "error", "-i", str(path), "-map", "0:a", "-c", "copy"]
    hashed = [*command, "-f", "md5", "-"]
    return subprocess.run(hashed, check=True, capture_output=True, timeout=TIMEOUT).stdout


@pytest.mark.parametrize("name", ["a.mp4", "a.mkv", "a.avi", "a.mp3"])
def test_sound_that_is_mp3_already_is_not_encoded_again(
    name: str, make: Make, target: Path
) -> None:
    source = make(name, *TONE, *(() if name == "a.mp3" else PICTURE), *MP3)
    convert(source, target, Options(title="A Song", normalize=False))
    assert packets(target) == packets(source)
    assert probe(target)["format"]["tags"] == {"title": "A Song"}


@pytest.mark.parametrize(
    "options",
    [
        Options(bitrate="64k"),
        Options(quality=4),
        Options(channels=2),
        Options(sample_rate=48000),
        Options(start=1),
        Options(end=2),
        Options(normalize=True),
    ],
)
def test_an_option_that_changes_the_sound_encodes_it(
    options: Options, make: Make, target: Path
) -> None:
    source = make("b.mp4", *TONE, *PICTURE, *MP3)
    convert(source, target, options)
    assert packets(target) != packets(source)


def test_what_only_says_that_it_is_mp3_is_no_mp3(make: Make, tmp_path: Path, target: Path) -> None:
    """AVI names a format by a number; one changed byte calls these samples an MP3."""
    source = make("c.avi", *TONE, *PICTURE, "-c:v", "mpeg4", "-c:a", "pcm_s16le")
    data = source.read_bytes()
    at = data.index(b"strf", data.index(b"auds")) + 8
    lie = tmp_path / "upload"
    lie.write_bytes(data[:at] + b"\x55" + data[at + 1 :])
    assert reason(lie, target) == "the sound cannot be decoded"
