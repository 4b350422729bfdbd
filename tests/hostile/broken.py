"""Good files of each container, cut off and with bits flipped: the same ones every time."""

import random
from functools import partial

from tests.hostile.corpus import Lab, add

_PICTURE = ("-f", "lavfi", "-i", "testsrc2=size=96x64:rate=25:duration=2")
_SOUND = ("-f", "lavfi", "-i", "sine=frequency=440:duration=2:sample_rate=44100")
_CUTS = 10
_RATES = {"rare": 1e-5, "some": 1e-4, "many": 1e-2}  # flipped bits per bit

_FILMS = {
    "mp4": ("mpeg4", "aac"),
    "mov": ("mjpeg", "alac"),
    "3gp": ("h263", "aac"),
    "mkv": ("mpeg4", "flac"),
    "webm": ("libvpx", "libvorbis"),
    "avi": ("mpeg4", "libmp3lame"),
    "flv": ("flv", "libmp3lame"),
    "ts": ("mpeg2video", "mp2"),
    "mpg": ("mpeg1video", "mp2"),
    "asf": ("wmv2", "wmav2"),
    "mxf": ("mpeg2video", "pcm_s16le"),
}
_SOUNDS = {
    "ogg": "libvorbis",
    "opus": "libopus",
    "wav": "pcm_s16le",
    "flac": "flac",
    "mp3": "libmp3lame",
    "aac": "aac",
    "ac3": "ac3",
    "eac3": "eac3",
    "aiff": "pcm_s16be",
    "caf": "pcm_s16be",
    "au": "pcm_s16be",
    "wv": "wavpack",
}
_OPTIONS = {"3gp": ("-s", "176x144"), "mxf": ("-ar", "48000")}


def good(lab: Lab, container: str) -> bytes:
    """Two seconds of sound, with a picture where the container takes one."""
    options = _OPTIONS.get(container, ())
    if container in _FILMS:
        video, audio = _FILMS[container]
        codecs = ("-c:v", video, "-c:a", audio)
        return lab.ffmpeg(f"good.{container}", *_PICTURE, *_SOUND, *codecs, *options)
    return lab.ffmpeg(f"good.{container}", *_SOUND, "-c:a", _SOUNDS[container], *options)


def flipped(content: bytes, rate: float, seed: str) -> bytes:
    """The content with that share of its bits flipped, one at least."""
    chance = random.Random(seed)  # noqa: S311 to be repeated, not to be secret
    changed = bytearray(content)
    for _ in range(max(1, int(len(content) * 8 * rate))):
        changed[chance.randrange(len(changed))] ^= 1 << chance.randrange(8)
    return bytes(changed)


def shuffled(content: bytes, seed: str) -> bytes:
    """The content with its blocks of 512 bytes in another order, the first one where it was."""
    blocks = [content[at : at + 512] for at in range(512, len(content), 512)]
    random.Random(seed).shuffle(blocks)  # noqa: S311 to be repeated, not to be secret
    return content[:512] + b"".join(blocks)


def _add(container: str) -> None:
    for tenth in range(_CUTS):
        share = (tenth + 0.5) / _CUTS
        add(
            f"{container}-cut-off-at-{share * 100:.0f}",
            "a file that is cut off",
            partial(_cut, container, share),
        )
    for name, rate in _RATES.items():
        add(
            f"{container}-bits-flipped-{name}",
            "a file with wrong bits",
            partial(_flipped, container, rate),
        )
    add(
        f"{container}-blocks-shuffled",
        "a file whose blocks are in another order",
        lambda lab: shuffled(good(lab, container), container),
    )
    add(
        f"{container}-100-times",
        "a file written again and again",
        lambda lab: good(lab, container) * 100,
    )


def _cut(container: str, share: float, lab: Lab) -> bytes:
    content = good(lab, container)
    return content[: int(len(content) * share)]


def _flipped(container: str, rate: float, lab: Lab) -> bytes:
    return flipped(good(lab, container), rate, f"{container} {rate}")


for _container in (*_FILMS, *_SOUNDS):
    _add(_container)
