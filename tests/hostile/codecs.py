"""Sound beside a picture of each video codec: nobody wants the picture, so it is never decoded."""

from tests.hostile.corpus import Lab, add

_PICTURE = ("-f", "lavfi", "-i", "testsrc2=size=176x144:rate=25:duration=1")
_SOUND = ("-f", "lavfi", "-i", "sine=frequency=440:duration=1")
_QUICK = ("magicyuv", "h264", "png")

# An encoder of ffmpeg 5.1, and the container that takes what it makes.
_CODECS = {
    "magicyuv": ("magicyuv", "mkv"),
    "h264": ("libx264", "mp4"),
    "hevc": ("libx265", "mkv"),
    "vp8": ("libvpx", "webm"),
    "vp9": ("libvpx-vp9", "webm"),
    "mpeg1": ("mpeg1video", "mpg"),
    "mpeg2": ("mpeg2video", "ts"),
    "mpeg4": ("mpeg4", "avi"),
    "msmpeg4": ("msmpeg4", "avi"),
    "wmv2": ("wmv2", "asf"),
    "flv1": ("flv", "flv"),
    "h263": ("h263", "mov"),
    "theora": ("libtheora", "ogg"),
    "ffv1": ("ffv1", "mkv"),
    "huffyuv": ("huffyuv", "avi"),
    "ffvhuff": ("ffvhuff", "avi"),
    "utvideo": ("utvideo", "avi"),
    "cinepak": ("cinepak", "avi"),
    "mjpeg": ("mjpeg", "mov"),
    "jpeg2000": ("jpeg2000", "mov"),
    "jpegls": ("jpegls", "avi"),
    "png": ("png", "mov"),
    "qtrle": ("qtrle", "mov"),
    "rpza": ("rpza", "mov"),
    "smc": ("smc", "mov"),
    "svq1": ("svq1", "mov"),
    "prores": ("prores", "mov"),
    "cfhd": ("cfhd", "mov"),
    "hap": ("hap", "mov"),
    "dvvideo": ("dvvideo", "mov"),
    "snow": ("snow", "avi"),
    "zmbv": ("zmbv", "avi"),
    "flashsv": ("flashsv", "flv"),
    "asv1": ("asv1", "avi"),
    "msvideo1": ("msvideo1", "avi"),
    "dirac": ("vc2", "mkv"),
    "tiff": ("tiff", "mov"),
    "raw": ("rawvideo", "avi"),
    "v210": ("v210", "mov"),
}
_OPTIONS = {
    "dvvideo": ("-s", "720x576", "-pix_fmt", "yuv420p", "-ar", "48000", "-ac", "2"),
    "hap": ("-pix_fmt", "rgba"),
    "flv1": ("-ar", "44100"),
    "flashsv": ("-ar", "44100"),
    "h264": ("-preset", "ultrafast"),
    "hevc": ("-preset", "ultrafast"),
    "smc": ("-pix_fmt", "pal8"),
}
_SOUNDS = {"webm": "libopus", "ogg": "libvorbis", "flv": "libmp3lame", "asf": "wmav2", "mpg": "mp2"}

for _name, (_encoder, _container) in _CODECS.items():

    def _beside(
        lab: Lab, name: str = _name, encoder: str = _encoder, container: str = _container
    ) -> bytes:
        sound = _SOUNDS.get(container, "aac")
        codecs = ("-c:v", encoder, "-c:a", sound, "-strict", "-2", *_OPTIONS.get(name, ()))
        return lab.ffmpeg(f"film.{container}", *_PICTURE, *_SOUND, *codecs)

    add(
        f"{_container}-video-{_name}",
        "a decoder that nobody needs",
        _beside,
        must="mp3",
    )
