"""The arguments of ffmpeg for each step of a conversion."""

from dataclasses import dataclass
from pathlib import Path

from convert.loudness import MEASURE
from convert.media import INPUT_OPTIONS, SOUND_ONLY, Sound
from servicekit.jobs.options import SAMPLE_RATES, Options

# LAME's VBR at about 190 kbit/s; level 5 scores like the default at 11 to 27 % less CPU.
_QUALITY, _SPEED = "2", "5"
_DEFAULT_RATE = 48000
_COVER_WIDTH = 1000  # pixels at most, as the stores ask of cover art
# What a container says of itself is no tag of the sound; bitexact leaves out ffmpeg's own name.
_NO_BRANDS = [
    *("-fflags", "+bitexact"),
    *("-metadata", "major_brand="),
    *("-metadata", "minor_version="),
    *("-metadata", "compatible_brands="),
]


@dataclass(frozen=True)
class Inputs:
    """The files of one conversion; `tags` and `cover` only where the options want them."""

    video: Path
    tags: Path | None = None
    cover: Path | None = None


def encode(
    inputs: Inputs,
    target: Path,
    sound: Sound,
    options: Options,
    loudness: str | None = None,
) -> list[str]:
    """Sound, tags, chapters and cover of the inputs into the MP3 `target`."""
    command = _open(inputs.video, options)
    tags, count = ["-map_metadata", "0"], 1
    if inputs.tags:
        command += ["-f", "ffmetadata", "-i", f"file:{inputs.tags}"]
        tags = ["-map_metadata", str(count), *tags]  # of two, ffmpeg keeps the first one's value
        count += 1
    pictures = ["-vn"]
    if inputs.cover:
        command += ["-f", "jpeg_pipe", "-i", f"file:{inputs.cover}"]
        pictures = ["-map", f"{count}:v", "-c:v", "copy", "-disposition:v", "attached_pic"]
    command += ["-map", f"0:{sound.index}", *pictures, "-sn", "-dn", *tags, "-map_chapters", "0"]
    command += _NO_BRANDS
    command += _length(options)
    command += _sound(sound, options, loudness)
    command += ["-progress", "pipe:1", "-stats_period", "0.5"]
    return [*command, "-f", "mp3", "-y", f"file:{target}"]


def measure(video: Path, sound: Sound, options: Options) -> list[str]:
    """Print the loudness of the part that will be converted."""
    command = _open(video, options, verbosity="info")
    command += ["-map", f"0:{sound.index}", *_length(options), "-af", MEASURE]
    return [*command, "-f", "null", "-"]


def frame(video: Path, target: Path, seconds: float) -> list[str]:
    """Write the frame at `seconds` as a JPEG."""
    scale = f"scale='min({_COVER_WIDTH},iw)':-2"
    command = ["-nostdin", "-hide_banner", "-v", "error", *INPUT_OPTIONS]
    command += ["-ss", f"{seconds:.3f}", "-i", f"file:{video}", "-map", "0:v:0"]
    return [*command, "-frames:v", "1", "-vf", scale, "-f", "mjpeg", "-y", f"file:{target}"]


def _open(video: Path, options: Options, verbosity: str = "error") -> list[str]:
    command = ["-nostdin", "-hide_banner", "-v", verbosity, *INPUT_OPTIONS, *SOUND_ONLY]
    if options.start:
        command += ["-ss", f"{options.start:.3f}"]
    return [*command, "-i", f"file:{video}"]


def _length(options: Options) -> list[str]:
    """An output option, so that ffmpeg drops the chapters after the end too."""
    if options.end is None:
        return []
    return ["-t", f"{options.end - (options.start or 0):.3f}"]


def _sound(sound: Sound, options: Options, loudness: str | None) -> list[str]:
    quality = ["-b:a", options.bitrate] if options.bitrate else ["-q:a", _quality(options)]
    command = ["-c:a", "libmp3lame", *quality, "-compression_level", _SPEED, "-id3v2_version", "4"]
    rate = options.sample_rate
    if loudness:
        command += ["-af", loudness]
        # loudnorm works at 192 kHz, so the way back has to be said.
        rate = rate or (sound.rate if sound.rate in SAMPLE_RATES else _DEFAULT_RATE)
    if rate:
        command += ["-ar", str(rate)]
    if options.channels:
        command += ["-ac", str(options.channels)]
    return command


def _quality(options: Options) -> str:
    return _QUALITY if options.quality is None else str(options.quality)
