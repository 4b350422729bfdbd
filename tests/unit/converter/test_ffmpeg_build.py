"""The image's own ffmpeg has what the converter asks of it: converter/ffmpeg/components."""

from collections import defaultdict
from itertools import pairwise
from pathlib import Path

import pytest

from convert import command
from convert.command import Inputs
from convert.source import Source
from convert.whitelist import AUDIO_DECODERS, CONTAINERS, PICTURE_DECODERS
from servicekit.jobs.options import Options
from tests.support.project import ROOT
from tests.unit.converter.test_decoders import SOUND

# Where ffmpeg's configure has another name for it than ffmpeg itself.
DEMUXERS = {"mpeg": "mpegps", "webm": "matroska", "jpeg_pipe": "image_jpeg_pipe"}
DECODERS = {"g722": "adpcm_g722", "g726": "adpcm_g726", "g726le": "adpcm_g726le"}
# With these, MPEG finds out what a stream without a name is (libavformat, mpegts.c).
PROBES = {"dts", "h264", "hevc", "loas", "m4v", "mpegvideo", "truehd"}
FILE = Source("file:video", "file", 1)
EVERYTHING = Options(
    preset="speech", start=1, end=2, normalize=True, silence="cut", cover=1, title="A", channels=1
)


@pytest.fixture(scope="module")
def built() -> dict[str, set[str]]:
    """The names of each kind of component."""
    kinds: dict[str, set[str]] = defaultdict(set)
    for line in (ROOT / "converter/ffmpeg/components").read_text().splitlines():
        kind, *names = line.split() or ["#"]
        kinds[kind].update(names)
    return kinds


def commands() -> list[list[str]]:
    """ffmpeg's arguments in every step of a conversion."""
    file, videos = Path("file"), (Source.of_server(1, "video", 1), FILE)
    return [
        words
        for video in videos
        for words in (
            command.look(video),
            command.encode(
                Inputs(video, file, file), file, SOUND, EVERYTHING, 1, loudness="loudnorm"
            ),
            command.measure(video, SOUND, EVERYTHING, 1),
            command.listen(video, SOUND, EVERYTHING, 1),
            command.frame(video, file, 1),
        )
    ]


def values(option: str) -> set[str]:
    """What the commands give to an option."""
    return {after for words in commands() for word, after in pairwise(words) if word == option}


def test_it_opens_every_container_that_is_taken(built: dict[str, set[str]]) -> None:
    assert {DEMUXERS.get(name, name) for name in CONTAINERS.split(",")} <= built["demuxer"]


def test_it_has_no_other_container_but_what_it_needs_itself(built: dict[str, set[str]]) -> None:
    own = {"ffmetadata", "image_jpeg_pipe"} | PROBES
    assert built["demuxer"] - own <= {DEMUXERS.get(name, name) for name in CONTAINERS.split(",")}


def test_it_decodes_all_sound_that_is_taken(built: dict[str, set[str]]) -> None:
    wanted = {DECODERS.get(name, name).removeprefix("lib") for name in AUDIO_DECODERS.split(",")}
    assert wanted <= {name.removeprefix("lib") for name in built["decoder"]}


def test_it_decodes_no_pictures_but_those_that_a_cover_may_be_of(
    built: dict[str, set[str]],
) -> None:
    sounds = {DECODERS.get(name, name) for name in AUDIO_DECODERS.split(",")}
    pictures = {*PICTURE_DECODERS.split(","), "msmpeg4v3"}  # which ffmpeg calls msmpeg4
    assert built["decoder"] - sounds <= pictures


def test_it_has_what_the_commands_name(built: dict[str, set[str]]) -> None:
    formats = {DEMUXERS.get(name, name) for name in values("-f")}
    assert {"mp3", "null", "mjpeg", "ffmetadata", "image_jpeg_pipe"} <= formats
    assert formats <= built["demuxer"] | built["muxer"]
    assert values("-c:a") <= built["encoder"]
    chains = {part for value in values("-af") for part in value.split(",")} | values("-vf")
    filters = {part.split("=")[0] for part in chains}
    assert filters == {"aformat", "aresample", "highpass", "loudnorm", "scale", "silenceremove"}
    assert filters <= built["filter"]
    protocols = {name for value in values("-protocol_whitelist") for name in value.split(",")}
    assert protocols <= built["protocol"]
