"""Whether an MP3 holds the whole sound: ffmpeg exits 0 on a file that ends too early."""

from convert.media import MediaError, Sound
from servicekit.jobs.options import Options
from servicekit.jobs.reasons import Reason

# What the demuxers say at the end of a file of which a part is missing: mov's of the track that is
# read, Matroska's of the whole file.
_TRACK_CUT_OFF = "partial file"
_FILE_CUT_OFF = "File ended prematurely"
# Their head says how long the file is. mov's index tells of each lost packet, and what MPEG's
# streams have for a length is the time of what is there.
_SAY_THEIR_LENGTH = ("asf", "avi", "flv", "mxf")

_PADDING = 0.1  # seconds by which a written track may differ: the encoder's delay, a last packet


def check_whole(
    sound: Sound, options: Options, expected: float | None, written: float, stderr: str
) -> None:
    """Raise MediaError unless `written` seconds are the sound, `expected` being what the file says.

    Without a sign from the demuxer a shorter result may be right: what the file says may be an
    estimate, or the length of its pictures.
    """
    if not written:
        raise MediaError(_why_nothing(sound, options, expected, stderr))
    missing = (expected or 0.0) - written
    if _TRACK_CUT_OFF in stderr:
        cut_off = True
    elif _FILE_CUT_OFF in stderr:
        cut_off = missing > _PADDING or not sound.exact
    elif expected and (sound.exact or sound.container in _SAY_THEIR_LENGTH):
        cut_off = missing > max(2.0, 0.1 * expected)
    else:
        cut_off = False
    if cut_off:
        raise MediaError(Reason.FILE_CUT_OFF)


def _why_nothing(sound: Sound, options: Options, expected: float | None, stderr: str) -> Reason:
    if _TRACK_CUT_OFF in stderr or _FILE_CUT_OFF in stderr or (expected and sound.exact):
        return Reason.FILE_CUT_OFF
    return Reason.START_AFTER_END if options.start else Reason.AUDIO_TRACK_EMPTY
