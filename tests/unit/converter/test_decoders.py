"""A stranger's pictures reach no decoder while sound is converted, and never a huge one."""

import re
import subprocess
from pathlib import Path

import pytest

from convert import command
from convert.command import Inputs
from convert.media import MediaError, Sound
from convert.source import Source
from convert.whitelist import LIMITS
from servicekit.jobs.options import Options
from servicekit.jobs.tracks import Track
from tests.support.media import duration
from tests.unit.converter.conftest import PICTURE, TONE, Make
from tests.unit.converter.engine import convert

FFMPEG_TIMEOUT = 60  # seconds
REPORT_ENDS = "At least one output file must be specified"
CODECS = (
    "asv1 cinepak dvvideo ffv1 ffvhuff flashsv flv h261 h263p huffyuv jpeg2000 libtheora libvpx "
    "libvpx-vp9 libx264 libx265 ljpeg magicyuv mjpeg mpeg1video mpeg2video mpeg4 msmpeg4 prores "
    "rawvideo snow utvideo wmv2 zmbv"
)
SIZES = {"h261": "352:288", "h263p": "352:288", "dvvideo": "720:576"}
SOUND = Sound(
    index=1,
    track=Track(1, None, None, "aac", 2, 44100, default=True),
    seconds=4.0,
    exact=True,
    container="matroska",
    chapters=0,
)


def log_of(arguments: list[str]) -> str:
    """What ffmpeg tells at its most talkative."""
    words = ["debug" if word in ("warning", "info") else word for word in arguments]
    ended = subprocess.run(["ffmpeg", *words], capture_output=True, timeout=FFMPEG_TIMEOUT)
    log = ended.stderr.decode(errors="replace")
    assert ended.returncode == 0 or REPORT_ENDS in log, log[-2000:]
    return log


@pytest.mark.parametrize("codec", CODECS.split())
def test_no_video_decoder_opens_while_sound_is_converted(
    codec: str, make: Make, tmp_path: Path
) -> None:
    size = ("-vf", f"scale={SIZES.get(codec, '64:64')}", "-r", "25", "-strict", "-2")
    video = make(f"{codec}.mkv", *PICTURE, *TONE, *size, "-c:v", codec, "-c:a", "aac")
    source = Source.of_file(video)
    for arguments in (
        command.look(source),
        command.encode(Inputs(source), tmp_path / "sound.mp3", SOUND, Options(), 60),
        command.measure(source, SOUND, Options(), 60),
    ):
        log = log_of(arguments)
        refused = re.findall(r"Codec \((\w+)\) not on whitelist", log)
        assert refused
        words = [line for line in log.splitlines() if line.startswith(f"[{refused[0]} @")]
        assert all("not on whitelist" in line for line in words)


@pytest.mark.parametrize("codec", ["magicyuv", "utvideo", "snow", "zmbv", "cinepak"])
def test_a_cover_opens_no_decoder_of_what_no_camera_writes(
    codec: str, make: Make, tmp_path: Path
) -> None:
    video = make(f"{codec}.mkv", *PICTURE, *TONE, "-strict", "-2", "-c:v", codec, "-c:a", "aac")
    with pytest.raises(MediaError, match="no picture"):
        convert(video, tmp_path / "sound.mp3", Options(cover=1))


@pytest.mark.parametrize(
    "codec", ["mpeg4", "mpeg2video", "libx264", "libx265", "libvpx", "libvpx-vp9", "mjpeg"]
)
def test_a_cover_of_what_cameras_write_is_made(codec: str, make: Make, tmp_path: Path) -> None:
    video = make(f"{codec}.mkv", *PICTURE, *TONE, "-r", "25", "-c:v", codec, "-c:a", "aac")
    convert(video, tmp_path / "sound.mp3", Options(cover=1))
    assert (tmp_path / "cover.jpg").stat().st_size


def test_a_huge_picture_is_refused_before_it_takes_memory(make: Make, tmp_path: Path) -> None:
    huge = ("-f", "lavfi", "-i", "color=size=16000x16000:rate=1:duration=1")
    video = make("huge.mkv", *huge, *TONE, "-c:v", "magicyuv", "-pix_fmt", "gbrp", "-c:a", "aac")
    decoding = ["ffmpeg", "-nostdin", *LIMITS, "-i", str(video), "-f", "null", "-"]
    ended = subprocess.run(decoding, capture_output=True, timeout=FFMPEG_TIMEOUT)
    assert b"exceeds specified max pixel count" in ended.stderr
    target = tmp_path / "sound.mp3"
    convert(video, target)
    assert duration(target) == pytest.approx(4, abs=0.2)
