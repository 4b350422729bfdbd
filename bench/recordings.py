"""Speech, music and both: real recordings without loss, out of Debian's packages.

The speech is a voice that names loudspeakers (48 kHz, mono), the music eight players and pieces
(44.1 kHz, stereo). They are fetched when they are needed, and kept in a folder that git ignores.
"""

import subprocess
from collections.abc import Sequence
from pathlib import Path

from tests.support import media
from tests.support.project import ROOT
from tests.support.recordings import TRAILER, Library

KEPT = ROOT / ".local-material"
KINDS = ("speech", "music", "mix")
_TIMEOUT = 300  # seconds, of a download

_SPEECH = "alsa-utils", "usr/share/sounds/alsa/{}.wav"
_PHRASES = [f"{place}_{side}" for place in ("Front", "Rear", "Side") for side in ("Left", "Right")]
_MUSIC = "sonic-pi-samples", "usr/share/sonic-pi/samples/{}.flac"
_PIECES = ["loop_amen_full", "loop_tabla", "guit_em9", "guit_e_fifths", "loop_garzul"]
_PIECES += ["loop_safari", "loop_mika", "loop_compus"]
# The voice in both channels, over music at 40 % of its level.
_MIX = "[0]volume=0.4[m];[1]aresample=44100,pan=stereo|c0=c0|c1=c0[s];[m][s]amix=duration=first"


def sound(kind: str) -> Path:
    """A WAV file: `speech` of 9 s, `music` or `mix` of 64 s, `film` of 52 s, which was MP3 before.

    CalledProcessError when a package cannot be had.
    """
    path = KEPT / f"{kind}.wav"
    if path.exists():
        return path
    KEPT.mkdir(exist_ok=True)
    if kind == "speech":
        return _joined(path, *_SPEECH, _PHRASES)
    if kind == "music":
        return _joined(path, *_MUSIC, _PIECES)
    if kind == "film":
        return _made(path, "-i", str(trailer()), "-vn")
    voice = ["-stream_loop", "-1", "-i", str(sound("speech"))]
    mixed = ["-i", str(sound("music")), *voice, "-filter_complex", f"{_MIX}:normalize=0"]
    return _made(path, *mixed)


def trailer() -> Path:
    """A film's trailer: 55 s of H.264 with 52 s of MP3."""
    KEPT.mkdir(exist_ok=True)
    return Library(KEPT)[TRAILER]


def _joined(path: Path, package: str, pattern: str, names: Sequence[str]) -> Path:
    folder = _unpacked(package)
    inputs = [word for name in names for word in ("-i", str(folder / pattern.format(name)))]
    return _made(path, *inputs, "-filter_complex", f"concat=n={len(names)}:v=0:a=1")


def _made(path: Path, *arguments: str) -> Path:
    """Under its name only when it is whole."""
    media.make(path.with_suffix(".new.wav"), *arguments).rename(path)
    return path


def _unpacked(package: str) -> Path:
    """The files of a Debian package, which is not installed."""
    folder = KEPT / package
    folder.mkdir(exist_ok=True)
    fetch = ["apt-get", "download", "--quiet", package]
    subprocess.run(fetch, cwd=folder, check=True, stdout=subprocess.DEVNULL, timeout=_TIMEOUT)
    archive = next(folder.glob("*.deb"))
    subprocess.run(["dpkg", "--extract", archive, folder], check=True, timeout=_TIMEOUT)
    archive.unlink()
    return folder
