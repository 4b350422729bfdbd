"""What ffmpeg's report says of a file is understood, and nothing that the file says of itself."""

import pytest

from convert.choice import choose
from convert.layouts import channels_of
from convert.media import MediaError, Sound, sounds_in
from servicekit.jobs.tracks import Track

END = "At least one output file must be specified\n"
MP4 = """\
Input #0, mov,mp4,m4a,3gp,3g2,mj2, from 'file:upload':
  Metadata:
    title           : x
                    :   Stream #0:9: Audio: mp3, 8000 Hz
  Duration: 00:00:55.10, start: 0.000000, bitrate: 341 kb/s
  Chapters:
    Chapter #0:0: start 0.000000, end 30.000000
      Metadata:
        title           : One
    Chapter #0:1: start 30.000000, end 55.100000
  Stream #0:0[0x1](und): Video: h264 (avc1 / 0x31637661), none, 10 fps, 10240 tbn (default)
    Metadata:
      handler_name    : VideoHandler
  Stream #0:1[0x2](deu): Audio: aac (LC) (mp4a / 0x6134706D), 44100 Hz, mono, fltp, 69 kb/s
  Stream #0:2[0x3](eng): Audio: mp3 (mp3float) (mp4a / 0x6134706D), 48000 Hz, stereo (default)
"""
MATROSKA = """\
Input #0, matroska,webm, from 'file:upload':
  Duration: 00:01:30.00, start: {start}, bitrate: 341 kb/s
  Stream #0:0: Video: vp9, none
    Metadata:
      DURATION        : 00:01:30.000000000
  Stream #0:1(any language): Audio: opus, 48000 Hz, stereo, fltp
    Metadata:
      DURATION{language}        : {length}
"""
FLAC = """\
Input #0, flac, from 'file:upload':
  Duration: {length}, start: 0.000000, bitrate: 414 kb/s
  Stream #0:0: Audio: flac, 44100 Hz, mono, s32 (24 bit)
  Stream #0:1: Video: png, none, 64x64, 90k tbr, 90k tbn (attached pic)
"""


def sound_in(report: str) -> Sound:
    """The track that is converted where none is asked for."""
    return choose(sounds_in(report), None)


def test_the_track_marked_as_default_is_taken() -> None:
    sound = sound_in(MP4 + END)
    assert (sound.index, sound.track.codec, sound.track.sample_rate) == (2, "mp3", 48000)


def test_the_first_track_is_taken_where_none_is_marked() -> None:
    assert sound_in(MP4.replace(", stereo (default)", ", stereo") + END).index == 1


@pytest.mark.parametrize("mark", ["\n", "\x0b", "\x0c", "\x1c", "\x85", "\u2028"])
def test_a_line_within_a_tag_is_no_track(mark: str) -> None:
    """ffmpeg indents what follows a line feed, and knows no other end of a line."""
    indent = " " * 20 + ": " if mark == "\n" else ""
    forged = MP4.replace(
        "  Duration", f"    a : b{mark}{indent}  Stream #0:9: Audio: mp3\n  Duration"
    )
    assert sound_in(forged + END) == sound_in(MP4 + END)


def test_a_file_s_length_is_not_taken_for_its_sound_s() -> None:
    sound = sound_in(MP4 + END)
    assert (sound.seconds, sound.exact) == (55.1, False)


def test_chapters_are_counted() -> None:
    assert sound_in(MP4 + END).chapters == 2


@pytest.mark.parametrize("language", ["", "-eng"])
@pytest.mark.parametrize(("start", "seconds"), [("0.000000", 80.5), ("5.000000", 75.5)])
def test_matroska_s_note_is_the_track_s_own_length(
    start: str, seconds: float, language: str
) -> None:
    length = "00:01:20.500000000"
    sound = sound_in(MATROSKA.format(start=start, length=length, language=language) + END)
    assert (sound.seconds, sound.exact) == (seconds, True)


@pytest.mark.parametrize("length", ["soon", "00:00:00.000000000", "00:00:01.2.3", "::."])
def test_only_a_length_is_a_length(length: str) -> None:
    sound = sound_in(MATROSKA.format(start="0.000000", length=length, language="") + END)
    assert (sound.seconds, sound.exact) == (90.0, False)


def test_the_length_of_a_file_with_one_track_is_the_track_s() -> None:
    sound = sound_in(FLAC.format(length="00:00:03.00") + END)
    assert (sound.seconds, sound.exact) == (3.0, True)


@pytest.mark.parametrize("length", ["N/A", "-00:00:03.00"])
def test_an_unknown_length_is_none(length: str) -> None:
    assert sound_in(FLAC.format(length=length) + END).seconds is None


def test_a_guess_of_a_length_is_none() -> None:
    guess = "[aac @ 0x5] Estimating duration from bitrate, this may be inaccurate\n"
    assert sound_in(guess + FLAC.format(length="00:00:03.00") + END).seconds is None


@pytest.mark.parametrize(
    ("report", "told"),
    [
        ("upload: Invalid data found when processing input\n", "not a media file"),
        ("[mov @ 0x5] moov atom not found\n", "the file is cut off"),
        ("Input #0, mov, from 'upload':\n" + END, "not a media file"),
        ("Input #0, mov, from 'x':\n  Stream #0:0: Video: h264, none\n" + END, "no audio track"),
    ],
)
def test_what_has_no_sound_is_told_why(report: str, told: str) -> None:
    with pytest.raises(MediaError, match=told):
        sound_in(report)


TITLE = "    Metadata:\n      title           : {}\n"


def test_every_audio_track_is_told_with_what_the_file_says_of_it() -> None:
    report = MP4 + TITLE.format("A comment") + END
    assert [sound.track for sound in sounds_in(report)] == [
        Track(1, "deu", None, "aac", 1, 44100, default=False),
        Track(2, "eng", "A comment", "mp3", 2, 48000, default=True),
    ]


@pytest.mark.parametrize("language", ["und", "UND", "any language", "", "x" * 500])
def test_what_is_no_language_is_none(language: str) -> None:
    report = MP4.replace("(eng)", f"({language})") + END
    assert sounds_in(report)[1].track.language is None


def test_a_title_is_cut_to_its_length_and_holds_nothing_but_text() -> None:
    report = MP4 + TITLE.format("\x1b[1m\u202e" + "x" * 500) + END
    assert sounds_in(report)[1].track.title == ("[1m" + "x" * 197)


@pytest.mark.parametrize(
    ("wanted", "index"),
    [("1", 1), ("2", 2), ("ger", 1), ("deu", 1), ("de", 1), ("eng", 2), ("en", 2)],
)
def test_a_track_is_found_by_its_number_and_by_each_code_of_its_language(
    wanted: str, index: int
) -> None:
    assert choose(sounds_in(MP4 + END), wanted).index == index


def test_a_language_with_a_region_is_the_language() -> None:
    assert choose(sounds_in(MP4.replace("(deu)", "(pt-BR)") + END), "por").index == 1


@pytest.mark.parametrize("wanted", ["3", "fre", "und"])
def test_a_track_that_is_not_there_is_told_with_those_that_are(wanted: str) -> None:
    told = f"there is no audio track {wanted}, only 1 \\(deu\\), 2 \\(eng\\)$"
    with pytest.raises(MediaError, match=told):
        choose(sounds_in(MP4 + END), wanted)


def test_of_many_tracks_a_failure_names_a_few() -> None:
    track = "  Stream #0:{}: Audio: aac, 44100 Hz, mono, fltp\n"
    many = "Input #0, mov, from 'x':\n" + "".join(track.format(n) for n in range(90)) + END
    with pytest.raises(MediaError, match=", 19, 20 and 70 more$"):
        choose(sounds_in(many), "ger")


@pytest.mark.parametrize(
    ("layout", "channels"),
    [
        ("mono", 1),
        ("stereo", 2),
        ("5.1(side)", 6),
        ("5.1.2", 8),
        ("22.2", 24),
        ("quad(side)", 4),
        ("3 channels (FL+FR+FC)", 3),
        ("fltp", None),
        ("ambisonic 1", None),
    ],
)
def test_a_layout_has_a_number_of_channels(layout: str, channels: int | None) -> None:
    assert channels_of(layout) == channels
