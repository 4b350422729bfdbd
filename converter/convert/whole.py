"""Whether an MP3 holds the whole sound: ffmpeg exits 0 on a file that ends too early."""

from convert.media import MediaError, Sound
from servicekit.jobs.options import Options
from servicekit.jobs.reasons import Reason

# What is said at the end of a file of which a part is missing: by mov's demuxer and by WMA's
# decoder of the track that is read, by Matroska's demuxer of the whole file.
_TRACK_CUT_OFF = ("partial file", "Input packet size too small")
_FILE_CUT_OFF = "File ended prematurely"

# ffmpeg's length of these is the time of what is there; Opus in Ogg was said to be 1.4 s longer.
_SAY_NO_LENGTH = ("mpeg", "mpegts", "ogg")
# The head of these says how long the file is, with all its tracks. mov's index names each packet.
_SAY_ALL_TRACKS_LENGTH = ("asf", "avi", "flv", "mxf")

# Seconds that may be missing: of a track that was cut, of one that says its own length, and, with a
# tenth of it, of one whose file says a length.
_CUT, _TRACK, _FILE = 0.1, 0.5, 2.0


def check_whole(
    sound: Sound, options: Options, expected: float | None, written: float, stderr: str
) -> None:
    """Raise MediaError unless `written` seconds are the sound, `expected` being what the file says.

    Both are times of the file's own clock, so that a gap in the sound is no loss.
    """
    if not written:
        raise MediaError(_why_nothing(sound, options, expected, stderr))
    if _track_is_cut_off(stderr) or _missing(sound, expected, written, stderr):
        raise MediaError(Reason.FILE_CUT_OFF)


def _track_is_cut_off(stderr: str) -> bool:
    return any(sign in stderr for sign in _TRACK_CUT_OFF)


def _missing(sound: Sound, expected: float | None, written: float, stderr: str) -> bool:
    cut = _FILE_CUT_OFF in stderr
    if expected is None:
        return cut
    missing = expected - written
    if sound.exact and sound.container not in _SAY_NO_LENGTH:
        return missing > (_CUT if cut else _TRACK)
    if sound.container in _SAY_ALL_TRACKS_LENGTH:
        return cut or missing > max(_FILE, expected / 10)
    return cut


def _why_nothing(sound: Sound, options: Options, expected: float | None, stderr: str) -> Reason:
    if _track_is_cut_off(stderr) or _FILE_CUT_OFF in stderr or (expected and sound.exact):
        return Reason.FILE_CUT_OFF
    return Reason.START_AFTER_END if options.start else Reason.AUDIO_TRACK_EMPTY
