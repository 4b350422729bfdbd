"""Pictures that are small as files and huge once they are decoded, beside a second of sound."""

import base64
import struct
from collections.abc import Callable
from functools import partial

from tests.hostile.corpus import Bounds, Lab, add, case
from tests.hostile.formats import ebml, flac, id3, ogg, png
from tests.hostile.formats.boxes import Movie, box, full, numbers

_BOMB = "a picture that is huge once it is decoded"
_SOUND = ("-f", "lavfi", "-i", "sine=frequency=440:duration=1")
_HUGE = 16_000  # pixels each way
_FEW_BYTES = Bounds(written=4)  # a picture that is carried along is no more than a cover


def _flac(picture: bytes) -> bytes:
    kind = b"image/png"
    head = (
        struct.pack(">II", 3, len(kind))
        + kind
        + struct.pack(">IIIIII", 0, 1, 1, 8, 0, len(picture))
    )
    return head + picture


def _cover_atom(picture: bytes) -> bytes:
    handler = full(b"hdlr", bytes(4), b"mdirappl", bytes(9))
    covr = box(b"covr", box(b"data", numbers(14, 0), picture))
    return box(b"udta", full(b"meta", handler, box(b"ilst", covr)))


def _in_mp3(picture: bytes) -> bytes:
    return id3.tag(id3.picture(picture)) + id3.silence(1)


def _in_flac(picture: bytes) -> bytes:
    return flac.silence(0.01, 4 * 65535, flac.metadata(6 | flac.LAST, _flac(picture)))


def _in_mov(picture: bytes) -> bytes:
    return Movie(extra=_cover_atom(picture)).build()


def _in_mkv(picture: bytes) -> bytes:
    file = ebml.attachment("cover.png", "image/png", picture)
    return ebml.movie(ebml.element(ebml.ATTACHMENTS, file))


def _in_ogg(picture: bytes) -> bytes:
    word = b"METADATA_BLOCK_PICTURE=" + base64.b64encode(_flac(picture))
    return ogg.opus([ogg.SILENCE] * 9, tags=ogg.comments(word))


def _bomb(wrap: Callable[[bytes], bytes], lab: Lab) -> bytes:
    return wrap(png.black(_HUGE, _HUGE))


_CONTAINERS = {"mp3": _in_mp3, "flac": _in_flac, "mov": _in_mov, "mkv": _in_mkv, "ogg": _in_ogg}
for _name, _wrap in _CONTAINERS.items():
    add(
        f"{_name}-png-of-16000-squared",
        _BOMB,
        partial(_bomb, _wrap),
        must="mp3",
        bounds=_FEW_BYTES,
    )
    add(
        f"{_name}-png-of-16000-squared-as-cover",
        _BOMB,
        partial(_bomb, _wrap),
        bounds=_FEW_BYTES,
        options={"cover": "0"},
    )


@case("mp3-png-rgba-of-16000-squared-as-cover", _BOMB, options={"cover": "0"})
def _rgba(lab: Lab) -> bytes:
    return _in_mp3(png.black(_HUGE, _HUGE, 6))


@case(
    "mp3-png-of-8000-squared-as-cover",
    _BOMB,
    options={"cover": "0"},
    bounds=Bounds(memory=400),  # the largest picture that is taken
)
def _just_below(lab: Lab) -> bytes:
    return _in_mp3(png.black(8000, 8000, 6))


@case("mp3-png-one-pixel-high-as-cover", _BOMB, options={"cover": "0"})
def _wide(lab: Lab) -> bytes:
    return _in_mp3(png.black(1_000_000, 1))


@case("mp3-png-says-2-to-the-31", _BOMB, options={"cover": "0"})
def _says(lab: Lab) -> bytes:
    picture = png.black(8, 8)
    return _in_mp3(picture[:16] + struct.pack(">II", 0x7FFFFFFF, 0x7FFFFFFF) + picture[24:])


@case("mp3-1000-pictures", "many attached pictures", bounds=_FEW_BYTES)
def _many(lab: Lab) -> bytes:
    return id3.tag(id3.picture(png.black(8, 8)) * 1000) + id3.silence(1)


@case("mov-1000-pictures", "many attached pictures", bounds=_FEW_BYTES)
def _many_covers(lab: Lab) -> bytes:
    return Movie(extra=_cover_atom(png.black(8, 8)) * 1000).build()


@case("mp3-picture-of-16-mb", "a large attached picture", bounds=_FEW_BYTES)
def _large(lab: Lab) -> bytes:
    return _in_mp3(bytes(16 << 20))


@case("mp3-picture-that-is-a-playlist", "an attached picture that is none")
def _playlist(lab: Lab) -> bytes:
    words = f"#EXTM3U\n#EXTINF:1,\nhttp://{lab.canaries.url}/x.ts\n"
    return _in_mp3(words.encode())


# The frame of 16,000 x 16,000 is decoded by whoever probes it, though nobody wants the picture.
for _codec, _form in [("magicyuv", "gray"), ("mjpeg", "yuvj420p"), ("utvideo", "yuv420p")]:
    for _cover in (False, True):

        def _frame(lab: Lab, codec: str = _codec, form: str = _form) -> bytes:
            size = f"{_HUGE}x{_HUGE}"
            picture = ("-f", "lavfi", "-i", f"color=black:s={size}:r=1:d=1,format={form}")
            codecs = ("-c:v", codec, "-c:a", "pcm_s16le")
            return lab.ffmpeg("frame.mkv", *picture, *_SOUND, *codecs)

        add(
            f"mkv-{_codec}-of-16000-squared" + "-as-cover" * _cover,
            _BOMB,
            _frame,
            must=None if _cover else "mp3",
            options={"cover": "0"} if _cover else {},
        )


@case("mkv-size-of-track-2-to-the-31", "a picture's size that cannot be", must="mp3")
def _track_size(lab: Lab) -> bytes:
    size = ebml.element(0xE0, ebml.number(0xB0, 0x7FFFFFFF), ebml.number(0xBA, 0x7FFFFFFF))
    kind = [ebml.number(0xD7, 2), ebml.number(0x83, 1), ebml.text(0x86, "V_UNCOMPRESSED"), size]
    tracks = ebml.element(ebml.TRACKS, ebml.track(), ebml.element(ebml.TRACK, *kind))
    return ebml.movie(tracks=tracks)
