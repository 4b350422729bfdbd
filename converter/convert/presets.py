"""What a preset stands for: options that its user did not give."""

from servicekit.jobs.options import Options

# For a voice: 64 kbit/s in mono is twice the least that Apple Podcasts takes. For a show: of the
# rates that it recommends, stereo's lowest and mono's highest. Both at -16 LUFS, which it asks for
# (https://podcasters.apple.com/support/893-audio-requirements).
# Music is what happens without a preset: V0, the channels, the rate and the dynamics of the
# source, and MP3 sound as it is.
_PRESETS = {
    "speech": Options(bitrate="64k", channels=1, normalize=True),
    "podcast": Options(bitrate="128k", normalize=True),
    "music": Options(),
}


def resolve(options: Options) -> Options:
    """The same with what its preset adds: what was asked for by name stays as it was asked for."""
    preset = _PRESETS.get(options.preset or "", Options()).to_document()
    if options.quality is not None:
        preset.pop("bitrate", None)  # the two exclude each other
    return Options.from_document(preset | options.to_document())
