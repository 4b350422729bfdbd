"""What a stranger's file is, according to ffprobe, and why it may not be converted."""

import json
import math
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from convert.process import Ended, run
from servicekit.jobs.reasons import Failure, Reason

PROBE_LIMIT = 60.0  # seconds; headers are read in well under one, a hostile index may take long

# Playlists (HLS, DASH, concat) open other files and hosts whatever their name says, so a file is
# opened only as one of these containers, by the names that `ffmpeg -demuxers` gives them: what
# cameras, phones, recorders and browsers write today. A demuxer that nobody needs is only a danger.
CONTAINERS = (
    "aac,ac3,aiff,amr,ape,asf,au,avi,caf,eac3,flac,flv,matroska,mov,mp3,mpeg,mpegts,mxf,ogg,wav,"
    "webm,wv"
)
# A picture of 16,000 x 16,000 took 1 GB before it was refused; a frame of 8K has 33 million pixels.
_MAX_PIXELS = 1 << 26
INPUT_OPTIONS = (
    *("-protocol_whitelist", "file", "-format_whitelist", CONTAINERS),
    *("-max_pixels", str(_MAX_PIXELS)),
)
# While it finds out what the streams are, ffmpeg opens every decoder that the file names, -vn or
# not (libavformat, avformat_find_stream_info): bugs in those of pictures are a stranger's way in.
# These decode what the containers hold of sound; a name that an ffmpeg does not have does no harm.
AUDIO_DECODERS = (
    "aac,aac_latm,ac3,eac3,alac,als,amrnb,amrwb,ape,dca,flac,mlp,truehd,opus,libopus,speex,libspeex,"
    "vorbis,libvorbis,wavpack,mp1,mp1float,mp2,mp2float,mp3,mp3float,mp3adufloat,mp3on4float,"
    "nellymoser,qcelp,qdm2,qdmc,mace3,mace6,ilbc,evrc,gsm,gsm_ms,libgsm,libgsm_ms,g722,g723_1,g726,"
    "g726le,g729,s302m,truespeech,tta,wmav1,wmav2,wmapro,wmavoice,wmalossless,atrac3,atrac3al,"
    "atrac3plus,dolby_e,adpcm_adx,adpcm_ima_qt,adpcm_ima_wav,adpcm_ms,adpcm_swf,adpcm_yamaha,"
    "adpcm_ct,pcm_alaw,pcm_mulaw,pcm_bluray,pcm_dvd,pcm_s8,pcm_u8,pcm_s16le,pcm_s16be,pcm_u16le,"
    "pcm_u16be,pcm_s24le,pcm_s24be,pcm_u24le,pcm_u24be,pcm_s24daud,pcm_s32le,pcm_s32be,pcm_s64le,"
    "pcm_s64be,pcm_f32le,pcm_f32be,pcm_f64le,pcm_f64be,pcm_s16le_planar,pcm_s16be_planar,"
    "pcm_s24le_planar,pcm_s32le_planar"
)
SOUND_ONLY = ("-codec_whitelist", AUDIO_DECODERS)

# mov's index lies at the end of the file unless the writer moved it: cut off, it is not there.
_NO_INDEX = "moov atom not found"


class MediaError(Exception):
    """The file cannot be converted, ever; `failure` is for the user who sent it."""

    def __init__(self, reason: Reason, **values: float) -> None:
        self.failure = Failure.of(reason, **values)
        super().__init__(self.failure.text)


@dataclass(frozen=True)
class Sound:
    """The audio track to convert; `seconds` is None where the file does not say its length.

    `rate` is its sampling rate in Hz, 0 when unknown.
    """

    index: int
    seconds: float | None
    rate: int


def probe(path: Path, abort: threading.Event) -> Sound:
    """Find the audio track; MediaError says why there is none.

    `path` must have no suffix: ffprobe takes any text that is called .mp4 for a broken video.
    """
    if path.stat().st_size == 0:
        raise MediaError(Reason.FILE_EMPTY)
    ended = _ffprobe(
        path,
        "stream=index,codec_type,duration,sample_rate:stream_disposition=default:stream_tags=DURATION",
        abort,
    )
    if ended.code:
        raise MediaError(Reason.FILE_CUT_OFF if _NO_INDEX in ended.stderr else Reason.NOT_MEDIA)
    streams = json.loads(ended.stdout).get("streams", [])
    sounds = [stream for stream in streams if stream.get("codec_type") == "audio"]
    if not sounds:
        raise MediaError(Reason.NO_AUDIO_TRACK if streams else Reason.NOT_MEDIA)
    chosen = _default_of(sounds)
    return Sound(int(chosen["index"]), stated_seconds(chosen), int(chosen.get("sample_rate", 0)))


def duration(path: Path, abort: threading.Event) -> float:
    """The length of a whole audio file in seconds, 0 when it holds no sound."""
    ended = _ffprobe(path, "format=duration", abort)
    if ended.code:
        return 0.0
    return float(json.loads(ended.stdout).get("format", {}).get("duration", 0.0))


def _ffprobe(path: Path, entries: str, abort: threading.Event) -> Ended:
    command = ["ffprobe", "-v", "error", *INPUT_OPTIONS, "-show_entries", entries, "-of", "json"]
    return run([*command, f"file:{path}"], PROBE_LIMIT, abort)


def _default_of(sounds: Sequence[dict[str, Any]]) -> dict[str, Any]:
    marked = [sound for sound in sounds if sound.get("disposition", {}).get("default")]
    return (marked or list(sounds))[0]


def stated_seconds(stream: dict[str, Any]) -> float | None:
    """The track's own length: `duration`, or Matroska's DURATION tag (h:mm:ss.fraction).

    None also where a file says what no length is: below zero, or not a number.
    """
    try:
        if "duration" in stream:
            length = float(stream["duration"])
        else:
            hours, minutes, seconds = stream["tags"]["DURATION"].split(":")
            length = int(hours) * 3600 + int(minutes) * 60 + float(seconds)
    except (KeyError, ValueError):
        return None
    return length if math.isfinite(length) and length > 0 else None
