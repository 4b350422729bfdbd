"""An archive of MP3s: as long as it was said to be, and read by others as it was written."""

import io
import zipfile
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from zipfile import ZipFile

import pytest
from bson import ObjectId
from hypothesis import given
from hypothesis import strategies as st

from download.archive import Entry, length, pieces
from download.names import in_one_folder
from servicekit.gridfs.file import GridFile

MOMENT = datetime(2026, 5, 17, 12, 30, 8, tzinfo=UTC)
NAMES = st.lists(
    st.text(st.characters(exclude_categories=("Cc", "Cs"), exclude_characters="/"), min_size=1),
    unique=True,
    max_size=5,
)


def entry(name: str, size: int, moment: datetime = MOMENT) -> Entry:
    return Entry(name, GridFile(ObjectId(), name, size, 255, moment))


def zeros(file: GridFile) -> Iterator[bytes]:
    yield from (bytes(min(100, file.length - start)) for start in range(0, file.length, 100))


def written(entries: Sequence[Entry]) -> bytes:
    return b"".join(pieces(entries, zeros))


# A limit of 200 bytes in place of ZIP64's 2 GiB shows all that is decided by it.
@pytest.mark.parametrize("limit", [200, zipfile.ZIP64_LIMIT])
@given(names=NAMES, sizes=st.lists(st.integers(0, 1000), min_size=5, max_size=5))
def test_an_archive_is_as_long_as_it_was_said_to_be_and_whole(
    limit: int, names: list[str], sizes: list[int]
) -> None:
    entries = [entry(name, size) for name, size in zip(names, sizes, strict=False)]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(zipfile, "ZIP64_LIMIT", limit)
        content = written(entries)
        assert len(content) == length(entries)
    with ZipFile(io.BytesIO(content)) as archive:
        assert archive.testzip() is None
        assert archive.namelist() == names
        assert [info.file_size for info in archive.infolist()] == sizes[: len(names)]


def test_past_the_limit_the_records_are_those_of_zip64(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(zipfile, "ZIP64_LIMIT", 200)
    assert b"PK\x06\x06" in written([entry("a.mp3", 201)])
    assert b"PK\x06\x06" not in written([entry("a.mp3", 10)])


@pytest.mark.parametrize("moment", [datetime(1970, 1, 1, tzinfo=UTC), MOMENT])
def test_an_mp3_keeps_its_moment_in_every_zone(moment: datetime) -> None:
    with ZipFile(io.BytesIO(written([entry("a.mp3", 1, moment)]))) as archive:
        (info,) = archive.infolist()
    assert info.date_time == max(moment, datetime(1980, 1, 1, tzinfo=UTC)).timetuple()[:6]
    seconds = int(max(moment, datetime(1980, 1, 1, tzinfo=UTC)).timestamp())
    assert info.extra == b"UT\x05\x00\x01" + seconds.to_bytes(4, "little")


def test_a_broken_read_leaves_no_end() -> None:
    def broken(file: GridFile) -> Iterator[bytes]:
        yield b"x"
        raise OSError

    stream = pieces([entry("a.mp3", 2)], broken)
    assert next(stream).endswith(b"x")
    with pytest.raises(OSError):  # noqa: PT011 the one above
        next(stream)
    assert list(stream) == []


@pytest.mark.parametrize(
    ("given_names", "unique"),
    [
        (["talk.mp3"] * 3, ["talk.mp3", "talk (2).mp3", "talk (3).mp3"]),
        (
            ["talk.mp3", "talk (2).mp3", "talk.mp3"],
            ["talk.mp3", "talk (2).mp3", "talk (3).mp3"],
        ),
        (["Talk.mp3", "tALK.mp3"], ["Talk.mp3", "tALK (2).mp3"]),
        (["é.mp3", "e\u0301.mp3"], ["é.mp3", "e\u0301 (2).mp3"]),
        (["../../etc/passwd.mp3", "C:\\a.mp3"], [".._.._etc_passwd.mp3", "C__a.mp3"]),
        (["a\nb\0.mp3"], ["a_b_.mp3"]),
        (["é" * 200 + ".mp3"] * 2, ["é" * 122 + ".mp3", "é" * 122 + " (2).mp3"]),
    ],
)
def test_names_are_fit_for_one_folder(given_names: list[str], unique: list[str]) -> None:
    assert list(in_one_folder(given_names)) == unique


@given(st.lists(st.text(min_size=1).map(lambda name: f"{name}.mp3"), max_size=20))
def test_no_name_leaves_the_folder_or_is_there_twice(names: list[str]) -> None:
    made = list(in_one_folder(names))
    assert len({name.casefold() for name in made}) == len(names)
    assert not any(set(name) & set("/\\:\0") for name in made)
    assert max((len(name.encode()) for name in made), default=0) <= 255
