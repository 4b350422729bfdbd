"""The whole sound, and no more than is allowed, whatever a file says of its own length."""

import struct
from pathlib import Path

import pytest

from servicekit.jobs.options import Options
from tests.support.media import duration, probe
from tests.unit.converter.conftest import CODECS, PICTURE, TONE, Make
from tests.unit.converter.engine import convert, reason

GAP = "aselect=not(between(t\\,1\\,3))"  # two seconds of the tone are left out, not silent


@pytest.fixture
def target(tmp_path: Path) -> Path:
    return tmp_path / "sound.mp3"


@pytest.mark.parametrize("name", ["gap.mkv", "gap.mp4"])
def test_sound_with_a_gap_is_converted(name: str, make: Make, target: Path) -> None:
    convert(make(name, *TONE, *PICTURE, "-af", GAP, *CODECS), target)
    assert duration(target) == pytest.approx(2, abs=0.2)


@pytest.mark.parametrize("name", ["late.mkv", "late.mp4", "late.ts"])
def test_sound_that_begins_late_is_converted(name: str, make: Make, target: Path) -> None:
    late = make(name, "-itsoffset", "5", *TONE, *PICTURE, *CODECS)
    convert(late, target)
    assert duration(target) == pytest.approx(4, abs=0.2)


@pytest.mark.parametrize("name", ["short.mkv", "short.mp4"])
def test_sound_that_ends_long_before_its_pictures_is_whole(
    name: str, make: Make, target: Path
) -> None:
    convert(make(name, *TONE, *PICTURE, "-af", "atrim=end=1", *CODECS), target)
    assert duration(target) == pytest.approx(1, abs=0.2)


@pytest.mark.parametrize("offset", ["-2", "-0.5"])
def test_negative_timestamps_are_no_start_behind_the_end(
    offset: str, make: Make, target: Path
) -> None:
    source = make("whole.ts", *TONE, *PICTURE, *CODECS)
    shifted = make("negative.nut.mkv", "-i", str(source), "-c", "copy", *_shifted(offset))
    convert(shifted, target)
    assert duration(target) > 1.5


def _shifted(offset: str) -> tuple[str, ...]:
    return ("-output_ts_offset", offset, "-avoid_negative_ts", "disabled")


def test_a_start_behind_what_the_file_says_gives_what_is_there(make: Make, target: Path) -> None:
    """mdhd, the track's header, and mvhd, the file's, are made to say half (ISO/IEC 14496-12)."""
    source = make("half.m4a", *TONE, "-c:a", "aac")
    data = bytearray(source.read_bytes())
    for box in (b"mvhd", b"mdhd"):
        at = data.index(box) + 4 + 16
        data[at : at + 4] = (int.from_bytes(data[at : at + 4], "big") // 2).to_bytes(4, "big")
    source.write_bytes(data)
    convert(source, target, Options(start=3))
    assert duration(target) == pytest.approx(1, abs=0.2)


def test_a_nonsense_length_of_a_matroska_track_is_not_believed(make: Make, target: Path) -> None:
    source = make("nonsense.mkv", *TONE, *PICTURE, *CODECS)
    data = source.read_bytes()
    source.write_bytes(data.replace(b"00:00:04.0", b"99:00:10.0"))
    convert(source, target)
    assert duration(target) == pytest.approx(4, abs=0.2)


def test_a_start_behind_the_end_is_told(video: Path, target: Path) -> None:
    assert reason(video, target, Options(start=9)) == "start is after the end of the sound"


def test_a_start_behind_the_end_of_the_sound_alone_is_told(make: Make, target: Path) -> None:
    short = make("ends.mp4", *TONE, *PICTURE, "-af", "atrim=end=1", *CODECS)
    assert reason(short, target, Options(start=3)) == "start is after the end of the sound"


def test_a_cut_that_loses_a_fifth_of_a_second_is_told(
    make: Make, tmp_path: Path, target: Path
) -> None:
    whole = make("fifth.mkv", *TONE, *PICTURE, *CODECS, "-cues_to_front", "1")
    data = whole.read_bytes()
    source = tmp_path / "upload"
    source.write_bytes(data[: -len(data) // 14])
    assert reason(source, target) == "the file is cut off"


def test_a_flac_that_hides_its_length_is_no_longer_than_allowed(
    make: Make, tmp_path: Path, target: Path
) -> None:
    """STREAMINFO's 36 bits of total samples are set to one second's (RFC 9639, section 8.2)."""
    data = bytearray(make("long.flac", *TONE).read_bytes())
    bits = int.from_bytes(data[18:26], "big")
    data[18:26] = (bits >> 36 << 36 | 44100).to_bytes(8, "big")
    source = tmp_path / "upload"
    source.write_bytes(data)
    assert reason(source, target, max_duration=2) == "longer than 0.000555556 hours"
    assert duration(target) < 3.2


def test_a_source_that_says_it_is_too_long_is_not_converted(video: Path, target: Path) -> None:
    assert reason(video, target, max_duration=3.6) == "longer than 0.001 hours"
    assert not target.exists()


def test_a_wav_with_a_nonsense_length_is_converted(
    make: Make, tmp_path: Path, target: Path
) -> None:
    data = bytearray(make("plain.wav", *TONE).read_bytes())
    data[4:8] = data[data.index(b"data") + 4 : data.index(b"data") + 8] = struct.pack(
        "<I", 2**32 - 1
    )
    source = tmp_path / "upload"
    source.write_bytes(data)
    convert(source, target)
    assert duration(target) == pytest.approx(4, abs=0.1)


def test_thousands_of_chapters_are_left_out(make: Make, tmp_path: Path, target: Path) -> None:
    notes = tmp_path / "notes.txt"
    chapter = "[CHAPTER]\nTIMEBASE=1/1000\nSTART={0}\nEND={0}\ntitle=x\n"
    notes.write_text(";FFMETADATA1\ntitle=A Song\n" + "".join(map(chapter.format, range(1200))))
    many = make("many.mkv", *TONE, *PICTURE, "-i", str(notes), "-map_metadata", "2", *CODECS)
    convert(many, target)
    found = probe(target)
    assert (found["chapters"], found["format"]["tags"]) == ([], {"title": "A Song"})
