"""ASF and MXF: objects and sets that say of themselves what cannot be."""

import struct

from tests.hostile.corpus import Lab, case

_SOUND = ("-f", "lavfi", "-i", "sine=frequency=440:duration=1:sample_rate=48000")
_STRUCTURE = "a structure that cannot be"
_FILE_PROPERTIES = bytes.fromhex("a1dcab8c47a9cf118ee400c00c205365")
_EXTENDED_CONTENT = bytes.fromhex("40a4d0d207e3d21197f000a0c95ea850")
_PADDING = bytes.fromhex("74d40618dfca0945a4ba9aabcb96aae8")


def _asf(lab: Lab) -> bytes:
    return lab.ffmpeg("tone.asf", *_SOUND, "-c:a", "wmav2")


def _with_object(whole: bytes, name: bytes, content: bytes, size: int | None = None) -> bytes:
    """An ASF file with one more object at the start of its header."""
    length, count = struct.unpack_from("<QI", whole, 16)
    made = name + struct.pack("<Q", len(content) + 24 if size is None else size) + content
    head = struct.pack("<QI", length + len(made), count + 1)
    return whole[:16] + head + whole[28:30] + made + whole[30:]


@case("asf-object-of-size-0", _STRUCTURE)
def _size_0(lab: Lab) -> bytes:
    return _with_object(_asf(lab), _PADDING, b"", size=0)


@case("asf-object-of-2-to-the-63", _STRUCTURE)
def _size_63(lab: Lab) -> bytes:
    return _with_object(_asf(lab), _PADDING, b"", size=(1 << 63) + 24)


@case("asf-packet-size-0", _STRUCTURE)
def _packet_0(lab: Lab) -> bytes:
    return _with_packet_size(_asf(lab), 0)


@case("asf-packet-size-ffffffff", _STRUCTURE)
def _packet_max(lab: Lab) -> bytes:
    return _with_packet_size(_asf(lab), 0xFFFFFFFF)


def _with_packet_size(whole: bytes, size: int) -> bytes:
    place = whole.index(_FILE_PROPERTIES) + 92
    return whole[:place] + struct.pack("<II", size, size) + whole[place + 8 :]


@case("asf-duration-2-to-the-63", "a time that cannot be")
def _duration(lab: Lab) -> bytes:
    whole = _asf(lab)
    place = whole.index(_FILE_PROPERTIES) + 64
    return whole[:place] + struct.pack("<QQ", (1 << 63) - 1, 1 << 63) + whole[place + 16 :]


@case("asf-65535-tags", "65,535 tags")
def _tags(lab: Lab) -> bytes:
    pairs = []
    for number in range(65535):
        name, value = (f"k{number}\0".encode("utf-16-le"), b"v\0\0\0")
        pairs.append(
            struct.pack("<H", len(name)) + name + struct.pack("<HH", 0, len(value)) + value
        )
    return _with_object(_asf(lab), _EXTENDED_CONTENT, struct.pack("<H", 65535) + b"".join(pairs))


@case("asf-packets-of-zeros", "packets of nothing")
def _zeros(lab: Lab) -> bytes:
    return _asf(lab) + bytes(8_000_000)


def _mxf(lab: Lab) -> bytes:
    picture = ("-f", "lavfi", "-i", "testsrc2=size=64x64:rate=25:duration=1")
    return lab.ffmpeg("film.mxf", *picture, *_SOUND, "-c:v", "mpeg2video", "-c:a", "pcm_s16le")


@case("mxf-partitions-in-a-cycle", "a cycle")
def _cycle(lab: Lab) -> bytes:
    whole = _mxf(lab)
    place = whole.rindex(b"\x06\x0e\x2b\x34\x02\x05\x01\x01\x0d\x01\x02\x01\x01\x04") + 16 + 4
    # ThisPartition and PreviousPartition follow the versions and the KAG size.
    return whole[: place + 16] + struct.pack(">QQ", 0, 0) + whole[place + 32 :]


@case("mxf-all-references-the-same", "a cycle")
def _references(lab: Lab) -> bytes:
    whole = bytearray(_mxf(lab))
    at = whole.find(b"\x3c\x0a\x00\x10")  # InstanceUID, 16 bytes
    first = bytes(whole[at + 4 : at + 20])
    while at >= 0:
        whole[at + 4 : at + 20] = first
        at = whole.find(b"\x3c\x0a\x00\x10", at + 20)
    return bytes(whole)


@case("mxf-100000-fillers", "a file of many small parts")
def _fillers(lab: Lab) -> bytes:
    filler = b"\x06\x0e\x2b\x34\x01\x01\x01\x02\x03\x01\x02\x10\x01\0\0\0\x83\0\0\0"
    whole = _mxf(lab)
    return whole + filler * 100_000


@case("mxf-item-says-2-to-the-63", _STRUCTURE)
def _item(lab: Lab) -> bytes:
    whole = _mxf(lab)
    place = whole.index(b"\x06\x0e\x2b\x34\x02\x53")
    return whole[: place + 16] + b"\x88" + b"\x7f" * 8 + whole[place + 20 :]
