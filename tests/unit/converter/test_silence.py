"""Long silences are cut, and nothing else is; that all of the sound came out is checked still."""

from pathlib import Path

import pytest

from servicekit.jobs.options import Options
from tests.support.media import duration, probe
from tests.support.sound import AUDIBLE, RATE, decode
from tests.unit.converter.conftest import Make
from tests.unit.converter.engine import convert, reason

# Sound from 3 to 5, 5.4 to 7, 12 to 14 and 17 to 18 s of 22; in the right channel only.
SPOKEN = ((3, 5), (5.4, 7), (12, 14), (17, 18))
LONG = 22
STEP = RATE // 50
CUT = Options(silence="cut")


@pytest.fixture
def target(tmp_path: Path) -> Path:
    return tmp_path / "sound.mp3"


@pytest.fixture
def talk(make: Make) -> Path:
    spoken = "+".join(f"between(t,{start},{end})" for start, end in SPOKEN)
    tone = f"aevalsrc='0|if({spoken},0.2*sin(2*PI*440*t),0)':s=44100:d={LONG}"
    return make("talk.flac", "-f", "lavfi", "-i", tone)


def heard(path: Path) -> list[bool]:
    """Whether there is sound in each fiftieth of a second."""
    samples, complaints = decode(path)
    assert not complaints
    return [max(map(abs, samples[at : at + STEP])) > AUDIBLE for at in range(0, len(samples), STEP)]


def silences(path: Path) -> list[float]:
    """The seconds of each silence of a tenth of a second or more."""
    runs = "".join("x" if loud else "." for loud in heard(path)).split("x")
    return [len(run) / 50 for run in runs if len(run) >= 5]


def spoken(path: Path) -> float:
    """The seconds that are no silence."""
    return sum(heard(path)) / 50


def test_no_silence_stays_longer_than_a_second_and_all_sound_stays(
    talk: Path, target: Path
) -> None:
    convert(talk, target, CUT)
    left = silences(target)
    assert len(left) == 5
    assert max(left) < 1.1
    assert min(left) > 0.3
    assert left[1] == pytest.approx(0.4, abs=0.06)
    assert spoken(target) == pytest.approx(sum(end - start for start, end in SPOKEN), abs=0.2)


def test_without_the_option_all_silence_stays(talk: Path, target: Path) -> None:
    convert(talk, target)
    assert duration(target) == pytest.approx(LONG, abs=0.1)


def test_a_part_is_one_of_the_source(talk: Path, target: Path) -> None:
    convert(talk, target, Options(silence="cut", start=4, end=13))
    assert spoken(target) == pytest.approx(1 + 1.6 + 1, abs=0.2)
    assert duration(target) < 6


@pytest.mark.parametrize("preset", ["speech", "podcast"])
def test_loudness_is_made_even_over_what_is_left(preset: str, talk: Path, target: Path) -> None:
    convert(talk, target, Options(silence="cut", preset=preset))
    assert max(silences(target)) < 1.1
    assert duration(target) < 12


def test_mp3_sound_is_cut_too(talk: Path, make: Make, target: Path) -> None:
    convert(make("talk.mp3", "-i", str(talk)), target, CUT)
    assert max(silences(target)) < 1.1


def test_chapters_whose_times_would_be_wrong_are_left_out(
    talk: Path, make: Make, tmp_path: Path, target: Path
) -> None:
    notes = tmp_path / "notes.txt"
    notes.write_text(";FFMETADATA1\n[CHAPTER]\nTIMEBASE=1/1\nSTART=12\nEND=22\ntitle=Two\n")
    chaptered = make("chaptered.mkv", "-i", str(talk), "-i", str(notes), "-map_chapters", "1")
    convert(chaptered, target, CUT)
    assert probe(target)["chapters"] == []


@pytest.mark.parametrize("options", [CUT, Options(silence="cut", preset="speech")])
def test_nothing_but_silence_is_told(options: Options, make: Make, target: Path) -> None:
    still = make("still.flac", "-f", "lavfi", "-i", "anullsrc=d=5")
    assert reason(still, target, options) == "nothing but silence, which was to be cut"


@pytest.mark.parametrize("name", ["cut.flac", "cut.mkv"])
def test_a_file_that_is_cut_off_is_told_all_the_same(
    name: str, talk: Path, make: Make, tmp_path: Path, target: Path
) -> None:
    whole = make(name, "-i", str(talk)).read_bytes()
    source = tmp_path / "upload"
    source.write_bytes(whole[: len(whole) * 3 // 4])
    assert reason(source, target, CUT) == "the file is cut off"
