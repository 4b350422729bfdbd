"""Files that would have the engine open another file, or call somebody."""

import struct
from collections.abc import Callable
from functools import partial

from tests.hostile.canaries import Canaries
from tests.hostile.corpus import Lab, add, case
from tests.hostile.formats import ebml, id3
from tests.hostile.formats.boxes import Movie, box, counted, data_at, full, numbers

_FILE = "opens another file"
_CALL = "calls a host"

_HLS = "#EXTM3U\n#EXT-X-TARGETDURATION:9\n"
# Playlists by the word {target}: an address, or the path of a file that can be played.
_LISTS = {
    "hls": f"{_HLS}#EXTINF:9,\n{{target}}\n#EXT-X-ENDLIST\n",
    "hls-master": "#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1\n{target}\n",
    "hls-key": f'{_HLS}#EXT-X-KEY:METHOD=AES-128,URI="{{target}}"\n#EXTINF:9,\n{{target}}\n',
    "hls-map": f'{_HLS}#EXT-X-MAP:URI="{{target}}"\n#EXTINF:9,\n{{target}}\n#EXT-X-ENDLIST\n',
    "hls-range": f"{_HLS}#EXTINF:9,\n#EXT-X-BYTERANGE:400@0\n{{target}}\n#EXT-X-ENDLIST\n",
    "ffconcat": "ffconcat version 1.0\nfile '{target}'\n",
    "ffconcat-options": "ffconcat version 1.0\nfile '{target}'\noption safe 0\nduration 9\n",
    "concat-lines": "file '{target}'\n",
    "dash": '<?xml version="1.0"?><MPD xmlns="urn:mpeg:dash:schema:mpd:2011" type="static" '
    'profiles="urn:mpeg:dash:profile:isoff-on-demand:2011" mediaPresentationDuration="PT9S">'
    '<Period><AdaptationSet mimeType="audio/mp4" contentType="audio"><Representation id="1" '
    'bandwidth="1"><BaseURL>{target}</BaseURL></Representation></AdaptationSet></Period></MPD>',
    "xml-entity": '<?xml version="1.0"?><!DOCTYPE MPD [<!ENTITY x SYSTEM "{target}">]>'
    '<MPD xmlns="urn:mpeg:dash:schema:mpd:2011">&x;</MPD>',
    "imf": '<?xml version="1.0"?><CompositionPlaylist xmlns="http://www.smpte-ra.org/schemas/2067-3/'
    '2016"><Id>urn:uuid:0</Id><Path>{target}</Path></CompositionPlaylist>',
    "pls": "[playlist]\nFile1={target}\nNumberOfEntries=1\n",
    "m3u": "{target}\n",
    "xspf": "<playlist version='1'><trackList><track><location>{target}</location></track>"
    "</trackList></playlist>",
    "asx": "<asx version='3.0'><entry><ref href='{target}'/></entry></asx>",
    "smil": "<smil><body><audio src='{target}'/></body></smil>",
    "qtl": '<?xml version="1.0"?><?quicktime type="application/x-quicktime-media-link"?>'
    '<embed src="{target}"/>',
    "rtsptext": "RTSPtext\r\n{target}\r\n",
    "asf-reference": "[Reference]\r\nRef1={target}\r\n",
    "cue": 'FILE "{target}" WAVE\n  TRACK 01 AUDIO\n    INDEX 01 00:00:00\n',
    "vapoursynth": "import vapoursynth\nopen('{target}')\n",
    "avisynth": 'WavSource("{target}")\n',
}

_TARGETS: dict[str, Callable[[Canaries], str]] = {
    "file": lambda traps: str(traps.sound),
    "file-url": lambda traps: f"file://{traps.sound}",
    "relative": lambda traps: f"../canaries/{traps.sound.name}",
    "subfile": lambda traps: f"subfile,,start,0,end,40000,,:{traps.sound}",
    "concat": lambda traps: f"concat:{traps.text}|{traps.sound}",
    "crypto": lambda traps: f"crypto+file:{traps.sound}",
    "http": lambda traps: f"http://{traps.url}/x.ts",
    "tcp": lambda traps: f"tcp://{traps.url}",
    "udp": lambda traps: f"udp://{traps.udp}",
    "rtsp": lambda traps: f"rtsp://{traps.url}/x",
    "rtmp": lambda traps: f"rtmp://{traps.url}/x/y",
    "ftp": lambda traps: f"ftp://{traps.url}/x.wav",
    "gopher": lambda traps: f"gopher://{traps.url}/x",
    "data": lambda traps: "data:audio/wav;base64,UklGRiQAAABXQVZFZm10IBAAAAABAAEA",
    "pipe": lambda traps: "pipe:0",
    "fd": lambda traps: "fd:",
    "unix": lambda traps: f"unix:{traps.text}",
    "cache": lambda traps: f"cache:{traps.sound}",
    "async": lambda traps: f"async:{traps.sound}",
}
# Each list with two targets, and each target in the two lists that ffmpeg reads most readily.
_PAIRS = [(name, target) for name in _LISTS for target in ("file", "http")]
_PAIRS += [(name, target) for name in ("hls", "ffconcat") for target in _TARGETS]


def _listed(name: str, target: str, lab: Lab) -> bytes:
    return _LISTS[name].format(target=_TARGETS[target](lab.canaries)).encode()


for _list, _target in dict.fromkeys(_PAIRS):
    add(
        f"{_list}-to-{_target}",
        _CALL if _target in ("http", "tcp", "udp", "rtsp", "rtmp", "ftp", "gopher") else _FILE,
        partial(_listed, _list, _target),
        must="not_media",
    )


@case("sdp", _CALL, must="not_media")
def _sdp(lab: Lab) -> bytes:
    host, port = lab.canaries.udp.split(":")
    session = f"v=0\r\no=- 0 0 IN IP4 {host}\r\ns=x\r\nc=IN IP4 {host}\r\nt=0 0\r\n"
    return f"{session}m=audio {port} RTP/AVP 0\r\n".encode()


@case("hls-behind-an-id3-tag", _FILE)
def _id3_hls(lab: Lab) -> bytes:
    return id3.tag(id3.words(b"TIT2", b"x")) + _listed("hls", "file", lab)


@case("hls-behind-ftyp", _FILE)
def _ftyp_hls(lab: Lab) -> bytes:
    return box(b"ftyp", b"isom", numbers(0), b"isom") + _listed("hls", "file", lab)


@case("hls-behind-sound", _FILE)
def _sound_hls(lab: Lab) -> bytes:
    return id3.silence(2) + b"\n" + _listed("hls", "file", lab)


@case("ffconcat-behind-a-byte-order-mark", _FILE, must="not_media")
def _bom(lab: Lab) -> bytes:
    return b"\xef\xbb\xbf" + _listed("ffconcat", "file", lab)


@case("mov-data-at-an-address", _CALL)
def _url(lab: Lab) -> bytes:
    return Movie(place=data_at(full(b"url ", f"http://{lab.canaries.url}/x\0".encode()))).build()


@case("mov-data-at-a-file-url", _FILE)
def _file_url(lab: Lab) -> bytes:
    return Movie(place=data_at(full(b"url ", f"file://{lab.canaries.sound}\0".encode()))).build()


@case("mov-data-at-a-name", _FILE)
def _urn(lab: Lab) -> bytes:
    return Movie(place=data_at(full(b"urn ", b"x\0", str(lab.canaries.sound).encode()))).build()


@case("mov-data-at-an-alias", _FILE)
def _alias(lab: Lab) -> bytes:
    """An alias record of an absolute path (ffmpeg's mov_read_dref reads types 2 and 18)."""
    path = str(lab.canaries.sound).encode()
    name = lab.canaries.sound.name.encode()
    head = (
        bytes(10) + bytes([0]) + bytes(27) + bytes(12) + bytes([len(name)]) + name.ljust(63, b"\0")
    )
    levels = bytes(16) + struct.pack(">hh", 1, 1) + bytes(16)
    typed = (
        struct.pack(">HH", 18, len(path))
        + path
        + bytes(len(path) % 2)
        + struct.pack(">HH", 0xFFFF, 0)
    )
    return Movie(place=data_at(full(b"alis", head + levels + typed))).build()


@case("mov-reference-movie", _CALL)
def _reference(lab: Lab) -> bytes:
    address = f"http://{lab.canaries.url}/x.mov\0".encode()
    rdrf = full(b"rdrf", b"url ", numbers(len(address)), address)
    index = box(b"moov", box(b"rmra", box(b"rmda", rdrf)))
    return box(b"ftyp", b"qt  ", numbers(0), b"qt  ") + index


@case("mov-keys-at-an-address", _CALL)
def _pssh(lab: Lab) -> bytes:
    pssh = full(
        b"pssh", bytes(16), numbers(40), f"http://{lab.canaries.url}/key".encode().ljust(40)
    )
    return Movie(extra=pssh, stsd=counted(b"stsd", box(b"enca", bytes(28)))).build()


@case("mkv-linked-segment", _FILE)
def _linked(lab: Lab) -> bytes:
    names = [ebml.text(0x3E83BB, str(lab.canaries.sound)), ebml.text(0x7384, "x.mkv")]
    uids = [ebml.element(number, bytes(range(16))) for number in (0x73A4, 0x3CB923, 0x3EB923)]
    return ebml.movie(about=ebml.info(None, 1_000_000, *names, *uids))


@case("mkv-attachment-named-by-a-path", "writes another file")
def _attachment(lab: Lab) -> bytes:
    target = f"../../{lab.canaries.folder.name}/{lab.canaries.text.name}"
    file = ebml.attachment(target, "font/ttf", b"overwritten")
    return ebml.movie(ebml.element(ebml.ATTACHMENTS, file))


@case("mp3-picture-at-an-address", _CALL)
def _apic(lab: Lab) -> bytes:
    picture = id3.picture(f"http://{lab.canaries.url}/x.png".encode(), b"-->")
    return id3.tag(
        picture, id3.words(b"WXXX", f"\0http://{lab.canaries.url}".encode())
    ) + id3.silence(1)


@case("mkv-subtitles-that-load-a-font", _FILE)
def _subtitles(lab: Lab) -> bytes:
    style = f"[Fonts]\nfontname: {lab.canaries.sound}\n[Events]\nDialogue: {lab.canaries.text}"
    kind = [ebml.number(0xD7, 2), ebml.number(0x83, 17), ebml.text(0x86, "S_TEXT/ASS")]
    track = ebml.element(ebml.TRACK, *kind, ebml.element(0x63A2, style.encode()))
    return ebml.movie(tracks=ebml.element(ebml.TRACKS, ebml.track(), track))
