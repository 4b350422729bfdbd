"""Each chapter of an MP3 is an MP3 by itself, and together they are the whole."""

import subprocess
from array import array
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path

import pytest

from convert.mp3.chapters import chapters_of
from servicekit.jobs.chapters import Chapter
from servicekit.jobs.options import Options
from tests.support.media import probe
from tests.unit.converter.conftest import Make
from tests.unit.converter.engine import convert

TIMEOUT = 60  # seconds
TITLES = ("One", "Zwölf Stühle", "Three")
MARKS = (0, 3333, 7007, 12000)  # milliseconds; none is where a frame begins
NOISE = ("-f", "lavfi", "-i", "anoisesrc=d=12:c=pink:a=0.3:r=44100")


@pytest.fixture(scope="module")
def book(tmp_path_factory: pytest.TempPathFactory, make: Make) -> Path:
    notes = tmp_path_factory.mktemp("notes") / "notes.txt"
    marks = "".join(
        f"[CHAPTER]\nTIMEBASE=1/1000\nSTART={start}\nEND={end}\ntitle={title}\n"
        for (start, end), title in zip(pairwise(MARKS), TITLES, strict=True)
    )
    notes.write_text(";FFMETADATA1\ntitle=A Böok\nartist=The Bänd\n" + marks)
    return make("book.m4a", *NOISE, "-i", str(notes), "-map_metadata", "1", "-c:a", "aac")


@pytest.fixture
def target(tmp_path: Path) -> Path:
    return tmp_path / "sound.mp3"


def samples(path: Path) -> Sequence[int]:
    """What a player hears, channel beside channel; nothing may be wrong with the file."""
    command = ["ffmpeg", "-nostdin", "-v", "error", "-i", str(path), "-f", "s16le", "-"]
    ended = subprocess.run(command, check=True, capture_output=True, timeout=TIMEOUT)
    assert not ended.stderr
    return array("h", ended.stdout)


def files(mp3: Path, chapters: Sequence[Chapter]) -> list[Path]:
    """Each chapter's own MP3, beside the whole."""
    data, written = mp3.read_bytes(), []
    for chapter in chapters:
        path = mp3.with_name(f"{chapter.number}.mp3")
        path.write_bytes(chapter.head + data[chapter.first : chapter.stop])
        assert path.stat().st_size == chapter.length
        written.append(path)
    return written


@pytest.mark.parametrize(
    "options",
    [
        Options(),
        Options(bitrate="96k", channels=2),
        Options(bitrate="320k"),
        Options(bitrate="80k", sample_rate=22050),
        Options(bitrate="128k", sample_rate=48000, channels=2),
    ],
)
def test_the_chapters_one_after_the_other_are_the_whole(
    options: Options, book: Path, target: Path
) -> None:
    convert(book, target, options)
    assert different(target) == 0


@pytest.mark.parametrize(
    ("options", "most"),
    [(Options(quality=9), 0.07), (Options(bitrate="64k", channels=1), 0.013)],
)
def test_at_low_rates_the_first_hundredths_of_a_second_may_lack_some_sound(
    options: Options, most: float, book: Path, target: Path
) -> None:
    convert(book, target, options)
    assert different(target) / 44100 < most * (len(TITLES) - 1)


def different(target: Path) -> int:
    """How many samples of the chapters, one after the other, are not as in the whole.

    LAME is given noise, which fills its reservoir.
    """
    heard = array("h")
    for path in files(target, chapters_of(target, "book")):
        heard.extend(samples(path))
    whole = samples(target)
    assert len(heard) == len(whole)
    return sum(abs(one - two) > 3 for one, two in zip(heard, whole, strict=True))


def test_a_chapter_has_its_length_its_tags_and_its_number(book: Path, target: Path) -> None:
    convert(book, target)
    chapters = chapters_of(target, "book")
    assert [(chapter.start * 1000, chapter.end * 1000) for chapter in chapters] == list(
        pairwise(MARKS)
    )
    for chapter, path in zip(chapters, files(target, chapters), strict=True):
        found = probe(path)["format"]
        assert found["tags"] == {
            "title": TITLES[chapter.number - 1],
            "artist": "The Bänd",
            "album": "A Böok",
            "track": f"{chapter.number}/3",
        }
        assert float(found["duration"]) == pytest.approx(chapter.end - chapter.start, abs=0.15)


def test_a_part_has_the_chapters_of_the_part(book: Path, target: Path) -> None:
    convert(book, target, Options(start=4, end=8))
    chapters = chapters_of(target, "book")
    assert [chapter.title for chapter in chapters] == list(TITLES[1:])
    assert chapters[-1].stop == target.stat().st_size


@pytest.mark.parametrize(("count", "title"), [(1000, "x"), (40, "ABCD" * 100)])
def test_many_chapters_and_long_titles_are_found_too(
    count: int, title: str, make: Make, tmp_path: Path, target: Path
) -> None:
    notes = tmp_path / "notes.txt"
    chapter = f"[CHAPTER]\nTIMEBASE=1/100\nSTART={{}}\nEND={{}}\ntitle={title}\n"
    notes.write_text(";FFMETADATA1\n" + "".join(chapter.format(n, n + 1) for n in range(count)))
    many = make(f"many-{count}.mkv", *NOISE, "-i", str(notes), "-map_metadata", "1")
    convert(many, target)
    chapters = chapters_of(target, "many")
    assert [chapter.title for chapter in chapters] == [title[:200]] * count
    assert samples(files(target, chapters[-1:])[0])


def test_copied_sound_has_chapters_too(book: Path, make: Make, target: Path) -> None:
    source = make("book.mkv", "-i", str(book), "-c:a", "libmp3lame", "-b:a", "96k")
    convert(source, target)
    whole = samples(target)
    parts = [len(samples(path)) for path in files(target, chapters_of(target, "book"))]
    assert len(parts) == len(TITLES)
    assert sum(parts) == pytest.approx(len(whole), abs=2 * 1152)


def test_without_a_title_the_album_is_the_file_s_name(book: Path, make: Make, target: Path) -> None:
    plain = make("plain.m4a", "-i", str(book), "-c", "copy", "-metadata", "title=")
    convert(plain, target)
    first = files(target, chapters_of(target, "plain"))[0]
    assert probe(first)["format"]["tags"]["album"] == "plain"


def test_an_mp3_without_chapters_has_none(make: Make, target: Path) -> None:
    convert(make("plain.flac", *NOISE), target)
    assert not chapters_of(target, "plain")


@pytest.mark.parametrize("at", [0.3, 0.999])
def test_an_mp3_whose_frames_cannot_be_told_apart_has_none(
    at: float, book: Path, target: Path
) -> None:
    convert(book, target)
    data = target.read_bytes()
    place = int(len(data) * at)
    target.write_bytes(data[:place] + b"\0" * 2000 + data[place:])
    assert not chapters_of(target, "book")


def test_a_title_of_any_length_is_cut(book: Path, make: Make, target: Path) -> None:
    long = make("long.m4a", "-i", str(book), "-c", "copy", "-metadata", f"title={'x' * 5000}")
    convert(long, target)
    chapters = chapters_of(target, "long")
    assert len(chapters) == len(TITLES)
    assert max(len(chapter.head) for chapter in chapters) < 1500
