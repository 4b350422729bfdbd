"""The arguments of ffmpeg for each step of a conversion."""

from dataclasses import dataclass
from pathlib import Path

from convert.filters import chain
from convert.loudness import MEASURE
from convert.media import Sound
from convert.source import Source
from convert.whitelist import LIMITS, PICTURES_ONLY, SOUND_ONLY
from servicekit.jobs.options import SAMPLE_RATES, Options

# LAME's VBR at its best, at its quickest: docs/performance.md, section Quality.
_DEFAULT_QUALITY, _QUICKEST = "0", "7"
# For a quality or a bitrate that is asked for: like LAME's own level at 11 to 27 % less CPU.
_CAREFUL = "5"
_DEFAULT_RATE = 48000
_COVER_WIDTH = 1000  # pixels at most, as the stores ask of cover art
_MOST_CHAPTERS = 1000  # of a file with more, which no player shows, none is kept
# What containers and their writers say of themselves is no tag of the sound; bitexact
# leaves out ffmpeg's own name. An empty value removes a tag.
_CHATTER = (
    "major_brand minor_version compatible_brands software metadatacreator hasMetadata hasVideo "
    "hasAudio hasKeyframes hasCuePoints canSeekToEnd lasttimestamp lastkeyframetimestamp "
    "lastkeyframelocation videosize audiosize datasize WMFSDKVersion WMFSDKNeeded IsVBR "
    "DeviceConformanceTemplate iTunNORM iTunSMPB"
)
_PROGRESS = ("-progress", "pipe:1", "-stats_period", "0.5")
_NO_CHATTER = [word for name in _CHATTER.split() for word in ("-metadata", f"{name}=")]


@dataclass(frozen=True)
class Inputs:
    """The files of one conversion; `tags` and `cover` only where the options want them."""

    video: Source
    tags: Path | None = None
    cover: Path | None = None


def look(video: Source) -> list[str]:
    """Report what the video is; the exit code is always 1, for there is no output."""
    return _open(video, Options(), 0, verbosity="info")


def encode(
    inputs: Inputs,
    target: Path,
    sound: Sound,
    options: Options,
    most: float,
    *,
    copy: bool = False,
    loudness: str | None = None,
) -> list[str]:
    """Sound, tags, chapters and cover of the inputs into the MP3 `target`, `most` seconds of it.

    With `copy` the sound is MP3 already and stays as it is.
    """
    command = _open(inputs.video, options, most)
    tags, count = _source_tags(sound), 1
    if inputs.tags:
        command += ["-f", "ffmetadata", "-i", f"file:{inputs.tags}"]
        tags = ["-map_metadata", str(count), *tags]  # of two, ffmpeg keeps the first one's value
        count += 1
    pictures = ["-vn"]
    if inputs.cover:
        command += ["-f", "jpeg_pipe", "-i", f"file:{inputs.cover}"]
        pictures = ["-map", f"{count}:v", "-c:v", "copy", "-disposition:v", "attached_pic"]
    # Where silence is cut, nothing is at the time any more that the source gives it.
    chapters = "-1" if options.silence or sound.chapters > _MOST_CHAPTERS else "0"
    command += ["-map", f"0:{sound.index}", *pictures, "-sn", "-dn", *tags]
    command += ["-map_chapters", chapters, "-fflags", "+bitexact", *_NO_CHATTER]
    command += _length(options, most)
    command += ["-c:a", "copy"] if copy else _sound(sound, options, loudness)
    command += ["-id3v2_version", "4", *_PROGRESS]
    return [*command, "-f", "mp3", "-y", f"file:{target}"]


def measure(video: Source, sound: Sound, options: Options, most: float) -> list[str]:
    """Print the loudness of the part that will be converted."""
    command = _open(video, options, most, verbosity="info")
    command += ["-map", f"0:{sound.index}", *_length(options, most), *chain(options, MEASURE)]
    return [*command, "-f", "null", "-"]


def listen(video: Source, sound: Sound, options: Options, most: float) -> list[str]:
    """Decode the part that will be converted, with its silences, and report how long it is."""
    command = _open(video, options, most)
    command += ["-map", f"0:{sound.index}", *_PROGRESS]
    return [*command, "-f", "null", "-"]


def frame(video: Source, target: Path, seconds: float) -> list[str]:
    """Write the frame at `seconds` as a JPEG."""
    scale = f"scale='min({_COVER_WIDTH},iw)':-2"
    command = ["-nostdin", "-hide_banner", "-v", "error", *_limits(video), *PICTURES_ONLY]
    # Each thread would hold a frame: on 32 cores one of 4K took 740 MB, in one thread 300.
    command += ["-threads", "1", "-ss", f"{seconds:.3f}", "-i", video.address, "-map", "0:v:0"]
    return [*command, "-frames:v", "1", "-vf", scale, "-f", "mjpeg", "-y", f"file:{target}"]


def _source_tags(sound: Sound) -> list[str]:
    """The file's tags; Ogg has them on its tracks, where others have their names."""
    if not sound.tags_fit:
        return ["-map_metadata", "-1"]
    track = ["-map_metadata", f"0:s:{sound.index}"] if sound.container == "ogg" else []
    return [*track, "-map_metadata", "0"]


def _open(video: Source, options: Options, most: float, verbosity: str = "warning") -> list[str]:
    command = ["-nostdin", "-hide_banner", "-v", verbosity, *_limits(video), *SOUND_ONLY]
    if options.start:
        command += ["-ss", f"{options.start:.3f}"]
    if options.silence:
        command += _seconds(options, most)
    return [*command, "-i", video.address]


def _limits(video: Source) -> list[str]:
    return ["-protocol_whitelist", video.protocols, *LIMITS]


def _length(options: Options, most: float) -> list[str]:
    """An output option, so that ffmpeg drops the chapters after the end too.

    Where silence is cut, the end is the source's: what comes out of it is shorter.
    """
    return [] if options.silence else _seconds(options, most)


def _seconds(options: Options, most: float) -> list[str]:
    asked = most if options.end is None else options.end - (options.start or 0)
    return ["-t", f"{min(asked, most):.3f}"]


def _sound(sound: Sound, options: Options, loudness: str | None) -> list[str]:
    command = ["-c:a", "libmp3lame", *_quality(options), *chain(options, loudness)]
    rate = options.sample_rate
    if loudness:
        # loudnorm works at 192 kHz, so the way back has to be said.
        own = sound.track.sample_rate
        rate = rate or (own if own in SAMPLE_RATES else _DEFAULT_RATE)
    if rate:
        command += ["-ar", str(rate)]
    if options.channels:
        command += ["-ac", str(options.channels)]
    return command


def _quality(options: Options) -> list[str]:
    if options.bitrate:
        return ["-b:a", options.bitrate, "-compression_level", _CAREFUL]
    if options.quality is not None:
        return ["-q:a", str(options.quality), "-compression_level", _CAREFUL]
    return ["-q:a", _DEFAULT_QUALITY, "-compression_level", _QUICKEST]
