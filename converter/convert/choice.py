"""Which of a file's audio tracks is converted."""

from collections.abc import Sequence

from convert import languages
from convert.media import MediaError, Sound
from servicekit.jobs.reasons import Reason
from servicekit.jobs.tracks import Track

_NAMED = 20  # tracks that a failure names; its mail is a line


def choose(sounds: Sequence[Sound], wanted: str | None) -> Sound:
    """The track of the number or language `wanted`, the first one of several, or the default one.

    MediaError, which names what there is, for a track that is not there.
    """
    for sound in sounds:
        if sound.track.default if wanted is None else _is(sound.track, wanted):
            return sound
    raise MediaError(Reason.NO_SUCH_TRACK, wanted=wanted or "", tracks=_names(sounds))


def _is(track: Track, wanted: str) -> bool:
    if wanted.isdecimal():
        return track.number == int(wanted)
    return track.language is not None and languages.same(track.language, wanted)


def _names(sounds: Sequence[Sound]) -> str:
    """Numbers and languages: titles are a stranger's text, and this one goes out by mail."""
    names = [_name(sound.track) for sound in sounds[:_NAMED]]
    more = len(sounds) - len(names)
    return ", ".join(names) + (f" and {more} more" if more else "")


def _name(track: Track) -> str:
    return f"{track.number} ({track.language})" if track.language else str(track.number)
