"""What ffmpeg's report says of a file is understood, and nothing that the file says of itself."""

import pytest

from convert.media import MediaError, sound_in

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


def test_the_track_marked_as_default_is_taken() -> None:
    sound = sound_in(MP4 + END)
    assert (sound.index, sound.codec, sound.rate) == (2, "mp3", 48000)


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
