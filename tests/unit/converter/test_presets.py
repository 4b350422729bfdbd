"""A preset stands for options that were not given, and is heard in the MP3."""

import json
import subprocess
from pathlib import Path

import pytest

from convert.presets import resolve
from servicekit.jobs.options import PRESETS, Options
from tests.support.media import probe
from tests.unit.converter.conftest import Make
from tests.unit.converter.engine import convert

TIMEOUT = 60  # seconds
# A voice's 300 Hz, soft, over a rumble of 30 Hz that is louder, in two channels.
VOICE = "aevalsrc='0.05*sin(2*PI*300*t)+0.2*sin(2*PI*30*t)':s=44100:d=6"
STEREO = ("-ac", "2")


@pytest.fixture
def voice(make: Make) -> Path:
    return make("voice.wav", "-f", "lavfi", "-i", VOICE, *STEREO)


@pytest.fixture
def target(tmp_path: Path) -> Path:
    return tmp_path / "sound.mp3"


def loudness(path: Path, *before: str) -> float:
    """In LUFS, of what is left after the filters `before`."""
    chain = ",".join([*before, "loudnorm=print_format=json"])
    command = ["ffmpeg", "-nostdin", "-i", str(path), "-af", chain, "-f", "null", "-"]
    ended = subprocess.run(command, check=True, capture_output=True, timeout=TIMEOUT)
    report = ended.stderr.decode()
    return float(json.loads(report[report.rindex("{") : report.rindex("}") + 1])["input_i"])


def sound(path: Path) -> tuple[int, int]:
    """Channels and kbit/s."""
    stream = probe(path)["streams"][0]
    return stream["channels"], round(int(stream["bit_rate"]) / 1000)


def test_a_preset_fills_in_what_was_not_given() -> None:
    speech = Options(preset="speech", bitrate="64k", channels=1, normalize=True)
    assert resolve(Options(preset="speech")) == speech
    podcast = Options(preset="podcast", bitrate="128k", normalize=True)
    assert resolve(Options(preset="podcast")) == podcast
    assert not resolve(Options(preset="music")).changes_sound


@pytest.mark.parametrize(
    ("given", "resolved"),
    [
        (Options(preset="speech", normalize=False), Options("speech", "64k", None, 1)),
        (Options(preset="speech", channels=2, bitrate="96k"), Options("speech", "96k", None, 2)),
        (Options(preset="podcast", quality=2), Options("podcast", None, 2)),
    ],
)
def test_what_was_given_wins(given: Options, resolved: Options) -> None:
    found = resolve(given)
    same = ("bitrate", "quality", "channels")
    assert [getattr(found, name) for name in same] == [getattr(resolved, name) for name in same]
    assert found.normalize is (given.normalize is not False)


def test_without_a_preset_nothing_is_added() -> None:
    assert resolve(Options(title="A")) == Options(title="A")


def test_every_preset_resolves_to_options_that_the_api_takes() -> None:
    for preset in PRESETS:
        form = {
            name: str(value)
            for name, value in resolve(Options(preset=preset)).to_document().items()
        }
        assert Options.parse(form) == resolve(Options(preset=preset))


def test_speech_is_mono_even_and_without_rumble(voice: Path, target: Path) -> None:
    convert(voice, target, Options(preset="speech"))
    assert sound(target) == (1, 64)
    assert loudness(target) == pytest.approx(-16, abs=1)
    before = loudness(voice, "lowpass=f=60") - loudness(voice, "highpass=f=150")
    assert loudness(target, "lowpass=f=60") - loudness(target, "highpass=f=150") < before - 10


def test_a_podcast_is_stereo_and_even(voice: Path, target: Path) -> None:
    convert(voice, target, Options(preset="podcast"))
    assert sound(target) == (2, 128)
    assert loudness(target) == pytest.approx(-16, abs=1)


def test_speech_that_is_not_to_be_even_keeps_its_loudness(voice: Path, target: Path) -> None:
    convert(voice, target, Options(preset="speech", normalize=False))
    whole = loudness(voice, "aformat=channel_layouts=mono", "highpass=f=80")
    assert loudness(target) == pytest.approx(whole, abs=1)


def test_even_loudness_is_that_of_the_channels_that_come_out(voice: Path, target: Path) -> None:
    convert(voice, target, Options(normalize=True, channels=1))
    assert loudness(target) == pytest.approx(-16, abs=1)
