"""Files that are no media, look like media, or are two things at once."""

import gzip
import io
import random
import sqlite3
import sys
import tarfile
import zipfile
from functools import partial
from pathlib import Path

from tests.hostile.corpus import Lab, add, add_each, case
from tests.hostile.formats import id3, png, riff
from tests.hostile.formats.boxes import Movie

_NOT = "a file that is no media"
_BOTH = "a file that is two things at once"
_WAV = riff.wav(bytes(16000))

add_each(
    _NOT,
    {
        "not-media-text": lambda: b"The quick brown fox jumps over the lazy dog.\n" * 500,
        "not-media-html": lambda: (
            b"<!doctype html><title>x</title><video src=movie.mp4></video>" * 50
        ),
        "not-media-json": lambda: b'{"streams": [{"codec_type": "audio"}]}' * 50,
        "not-media-pdf": lambda: (
            b"%PDF-1.7\n1 0 obj <</Type /Catalog>> endobj\ntrailer <</Root 1 0 R>>\n%%EOF\n"
        ),
        "not-media-script": lambda: b"#!/bin/sh\ntouch /tmp/pwned\n",
        "not-media-svg": lambda: (
            b'<svg xmlns="http://www.w3.org/2000/svg"><image href="/etc/passwd"/></svg>'
        ),
        "not-media-srt": lambda: b"1\n00:00:00,000 --> 00:00:09,000\nHello\n\n" * 100,
        "not-media-webvtt": lambda: b"WEBVTT\n\n00:00.000 --> 00:09.000\nHello\n\n" * 100,
        "not-media-ass": lambda: (
            b"[Script Info]\nScriptType: v4.00+\n[Events]\nDialogue: 0,0:00:00.00,0:00:09.00,x\n"
            * 50
        ),
        "not-media-ffmetadata": lambda: b";FFMETADATA1\ntitle=x\n" * 100,
        "not-media-midi": lambda: b"MThd\0\0\0\6\0\1\0\1\0\x60MTrk\0\0\0\4\0\xff\x2f\0",
        "not-media-png": lambda: png.black(64, 64),
        "not-media-gif": lambda: (
            b"GIF89a\1\0\1\0\x80\0\0\0\0\0\xff\xff\xff,\0\0\0\0\1\0\1\0\0\2\2D\1\0;"
        ),
        "not-media-zeros": lambda: bytes(8_000_000),
        "not-media-ones": lambda: b"\xff" * 8_000_000,
        "not-media-one-byte": lambda: b"\0",
        "not-media-two-bytes": lambda: b"\xff\xfb",
        "not-media-only-riff": lambda: b"RIFF",
        "not-media-only-ebml": lambda: b"\x1a\x45\xdf\xa3",
        "not-media-only-oggs": lambda: b"OggS",
        "not-media-only-id3": lambda: id3.tag(),
    },
)

add("empty", "a file of no byte", lambda lab: b"", must="file_empty")


def _random(head: bytes, seed: str, count: int, lab: Lab) -> bytes:
    return head + random.Random(seed).randbytes(count)  # noqa: S311 to be repeated, not secret


for _seed in range(8):
    add(
        f"random-{_seed}",
        "random bytes",
        partial(_random, b"", str(_seed), 1_000_000),
    )

_MAGIC = {
    "ftyp": b"\0\0\0\x20ftypisom\0\0\2\0isomiso2avc1mp41",
    "ebml": b"\x1a\x45\xdf\xa3\x01\0\0\0\0\0\0\x1fB\x82\x88matroska",
    "riff": b"RIFF\xff\xff\xff\xffWAVEfmt \x10\0\0\0",
    "avi": b"RIFF\xff\xff\xff\xffAVI LIST\xff\xff\xff\x7fhdrl",
    "flac": b"fLaC\0\0\0\x22",
    "oggs": b"OggS\0\2" + bytes(20) + b"\1\x13OpusHead",
    "id3": b"ID3\4\0\0\0\0\x10\0",
    "flv": b"FLV\1\5\0\0\0\x09\0\0\0\0",
    "asf": bytes.fromhex("3026b2758e66cf11a6d900aa0062ce6c"),
    "mpegts": b"\x47\x40\0\x10",
    "mxf": bytes.fromhex("060e2b34020501010d01020101020400"),
    "caff": b"caff\0\1\0\0desc",
    "wvpk": b"wvpk",
    "mac": b"MAC \x96\x0f\0\0",
    "amr": b"#!AMR\n",
    "adif": b"ADIF",
    "ac3": b"\x0b\x77",
}
for _name, _magic in _MAGIC.items():
    add(
        f"random-after-{_name}",
        "random bytes behind a container's first ones",
        partial(_random, _magic, _name, 300_000),
    )


@case("not-media-zip", _NOT)
def _zip(lab: Lab) -> bytes:
    return _zipped({"../../../tmp/pwned": b"x", "movie.mp4": Movie().build()})


@case("not-media-zip-bomb", "1 GB of zeros, packed")
def _zip_bomb(lab: Lab) -> bytes:
    return _zipped({f"{n}": bytes(1 << 27) for n in range(8)})


def _zipped(files: dict[str, bytes]) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return packed.getvalue()


@case("not-media-gzip-of-a-film", _NOT)
def _gzip(lab: Lab) -> bytes:
    return gzip.compress(Movie().build())


@case("not-media-tar-of-symlinks", "links to a file with a secret")
def _tar(lab: Lab) -> bytes:
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as archive:
        for target in (lab.canaries.text, lab.canaries.sound):
            link = tarfile.TarInfo(f"{target.name}.mp4")
            link.type, link.linkname = tarfile.SYMTYPE, str(target)
            archive.addfile(link)
    return packed.getvalue()


@case("not-media-program", _NOT)
def _elf(lab: Lab) -> bytes:
    return Path(sys.executable).read_bytes()[:2_000_000]


@case("not-media-database", _NOT)
def _sqlite(lab: Lab) -> bytes:
    path = lab.folder / "db"
    with sqlite3.connect(path) as database:
        database.execute("CREATE TABLE streams (codec_type TEXT)")
    database.close()
    return path.read_bytes()


@case("film-that-is-a-zip-too", _BOTH)
def _film_and_zip(lab: Lab) -> bytes:
    return Movie().build() + _zipped({"../x": b"x"})


@case("mp3-that-is-html-too", _BOTH)
def _mp3_and_html(lab: Lab) -> bytes:
    return id3.silence(2) + b"<html><script>alert(1)</script></html>" * 100


@case("wav-in-wav-in-wav", _BOTH)
def _wav_in_wav(lab: Lab) -> bytes:
    content = _WAV
    for _ in range(50):
        content = riff.wav(content)
    return content


@case("picture-that-is-sound-too", _BOTH)
def _png_and_mp3(lab: Lab) -> bytes:
    return png.black(64, 64) + id3.silence(2)


@case("film-behind-a-megabyte-of-zeros", _BOTH)
def _late(lab: Lab) -> bytes:
    return bytes(1 << 20) + Movie().build()
