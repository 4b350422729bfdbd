"""What happens to the samples between the decoder and LAME."""

from servicekit.jobs.options import Options

# The low cut of microphones and mixing desks for speech: rumble, wind and steps are below it, and
# voices begin at 85 Hz (Titze, Principles of Voice Production: 85 to 155 Hz for men).
_SPEECH = "highpass=f=80"
# A silence is below -50 dB of full scale, where nothing that was recorded to be heard is. After
# half a second of one, all is left out but half a second more; of one in front, half a second
# stays. ffmpeg before 6.1 counts both halves as one. Half a second is a pause between sentences,
# and what Audacity's Truncate Silence leaves by default.
_CUT = (
    "silenceremove=start_periods=1:start_threshold=-50dB:start_silence=0.5:"
    "stop_periods=-1:stop_threshold=-50dB:stop_duration=0.5:stop_silence=0.5"
)
# loudnorm's own rate. Not said, ffmpeg 5.1 may cut the silences at that rate, in 125 MB more.
_UP = "aresample=192000"


def chain(options: Options, loudness: str | None) -> list[str]:
    """The option of ffmpeg for all of it, `loudness` last; empty where nothing happens.

    Both passes of the loudness hear the same sound: without rumble and long silences, and in as
    many channels as are asked for, for one of two alike is 3 LU softer (ITU-R BS.1770).
    """
    filters = []
    if options.preset == "speech":
        filters.append(_SPEECH)
    if options.silence:
        filters.append(_CUT)
    if loudness and options.channels:
        filters.append(f"aformat=channel_layouts={'mono' if options.channels == 1 else 'stereo'}")
    if loudness and options.silence:
        filters.append(_UP)
    if loudness:
        filters.append(loudness)
    return ["-af", ",".join(filters)] if filters else []
