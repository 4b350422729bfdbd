"""PNG pictures that are small as files and large as pictures (RFC 2083)."""

import struct
import zlib


def chunk(kind: bytes, content: bytes) -> bytes:
    """A chunk with its checksum."""
    check = struct.pack(">I", zlib.crc32(kind + content))
    return struct.pack(">I", len(content)) + kind + content + check


def black(width: int, height: int, colour: int = 0) -> bytes:
    """A black picture of 8 bits a channel; colour 0 is grey, 2 RGB, 6 RGBA."""
    bytes_a_pixel = {0: 1, 2: 3, 6: 4}[colour]
    row, packer = bytes(1 + width * bytes_a_pixel), zlib.compressobj(1)
    packed = b"".join(packer.compress(row) for _ in range(height)) + packer.flush()
    head = struct.pack(">IIBBBBB", width, height, 8, colour, 0, 0, 0)
    picture = chunk(b"IHDR", head) + chunk(b"IDAT", packed) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + picture
