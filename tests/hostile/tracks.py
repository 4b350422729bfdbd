"""More tracks than anybody has, attachments, and tracks that are none."""

import struct

from tests.hostile.corpus import Bounds, Lab, add, case
from tests.hostile.formats import ebml, png, riff
from tests.hostile.formats.boxes import Movie, counted, numbers
from tests.hostile.formats.ebml import attachment, element

_MANY = "more streams than anybody has"

for _count in (120, 2000):

    def _matroska(lab: Lab, count: int = _count) -> bytes:
        tracks = [ebml.track(n) for n in range(1, count + 1)]
        return ebml.movie(tracks=element(ebml.TRACKS, *tracks))

    def _subtitles(lab: Lab, count: int = _count) -> bytes:
        words = [ebml.number(0x83, 17), ebml.text(0x86, "S_TEXT/UTF8")]
        tracks = [element(ebml.TRACK, ebml.number(0xD7, n), *words) for n in range(2, count + 2)]
        return ebml.movie(tracks=element(ebml.TRACKS, ebml.track(), *tracks))

    def _traks(lab: Lab, count: int = _count) -> bytes:
        one = Movie()
        stco = counted(b"stco", numbers(28))
        return Movie(traks=b"".join(one.trak(stco, n) for n in range(2, count + 1))).build()

    def _avi(lab: Lab, count: int = _count) -> bytes:
        sound = riff.chunk(b"00wb", bytes(16000))
        return riff.avi(*[riff.sound_stream()] * count, movi=sound)

    def _pictures(lab: Lab, count: int = _count) -> bytes:
        picture = png.black(8, 8)
        files = [attachment(f"{n}.png", "image/png", picture, n) for n in range(1, count + 1)]
        return ebml.movie(element(ebml.ATTACHMENTS, *files))

    add(f"mkv-{_count}-tracks", _MANY, _matroska)
    add(f"mkv-{_count}-subtitles", _MANY, _subtitles)
    add(f"mov-{_count}-tracks", _MANY, _traks)
    add(f"avi-{_count}-streams", _MANY, _avi)
    add(f"mkv-{_count}-attached-pictures", _MANY, _pictures)


@case("mkv-no-track", "sound without a track", must="not_media")
def _no_track(lab: Lab) -> bytes:
    return ebml.movie(tracks=element(ebml.TRACKS))


@case("mkv-only-attachments", "files, but no sound")
def _only_attachments(lab: Lab) -> bytes:
    files = [attachment(f"{n}.ttf", "font/ttf", bytes(1000), n) for n in range(1, 100)]
    return ebml.movie(element(ebml.ATTACHMENTS, *files), tracks=element(ebml.TRACKS), sound=b"")


@case("mkv-attachment-of-32-mb", "a file carried along", bounds=Bounds(memory=250))
def _attachment(lab: Lab) -> bytes:
    file = attachment("font.ttf", "application/x-truetype-font", bytes(32 << 20))
    return ebml.movie(element(ebml.ATTACHMENTS, file))


@case("mkv-same-track-number-1000-times", "tracks that share a number")
def _same_number(lab: Lab) -> bytes:
    return ebml.movie(tracks=element(ebml.TRACKS, ebml.track(1) * 100))


@case("mkv-packets-of-tracks-that-are-not", "packets of tracks that are not there")
def _strange_packets(lab: Lab) -> bytes:
    blocks = [ebml.block(bytes(16), index=n % 127 + 1, time=n) for n in range(20_000)]
    return ebml.movie(sound=ebml.cluster(*blocks) + ebml.second())


@case("mov-track-ids-0", "tracks without a number")
def _track_ids(lab: Lab) -> bytes:
    one = Movie()
    return Movie(traks=one.trak(counted(b"stco", numbers(28)), 0) * 20).build()


@case("ts-8000-pids", _MANY)
def _pids(lab: Lab) -> bytes:
    return b"".join(
        b"\x47" + struct.pack(">H", 0x4000 | pid) + b"\x10\0\0\x01\xc0\0\0\x80\0\0" + bytes(174)
        for pid in range(32, 8032)
    )
