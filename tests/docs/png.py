"""Makes a browser's screenshot small: a palette of its 256 most useful colours. Pure."""

from __future__ import annotations

import struct
import zlib
from collections import Counter
from collections.abc import Iterator

SIGNATURE = b"\x89PNG\r\n\x1a\n"
COLOURS = 256
RGB, RGBA, INDEXED = 2, 6, 3
COARSE = 0xF8
"""Colours that differ by less than that are looked at as one when some are left out."""
Colour = bytes


def smaller(picture: bytes) -> bytes:
    """The same picture, 8 bits a pixel. Only what browsers write is read: 8 bits a channel, not
    interlaced, opaque."""
    chunks = list(_chunks(picture))
    width, height, depth, kind, _, _, interlaced = struct.unpack(">IIBBBBB", dict(chunks)[b"IHDR"])
    assert depth == 8
    assert not interlaced
    size = {RGB: 3, RGBA: 4}[kind]
    packed = zlib.decompress(b"".join(data for name, data in chunks if name == b"IDAT"))
    plain = bytes(_plain(packed, width * size, size))
    pixels = [plain[n : n + 3] for n in range(0, len(plain), size)]
    palette = _palette(Counter(pixels))
    index = _nearest(set(pixels), palette)
    new = bytes(index[pixel] for pixel in pixels)
    rows = (b"\0" + new[n : n + width] for n in range(0, len(new), width))
    body = zlib.compress(b"".join(rows), 9)
    head = struct.pack(">IIBBBBB", width, height, 8, INDEXED, 0, 0, 0)
    parts = ((b"IHDR", head), (b"PLTE", b"".join(palette)), (b"IDAT", body), (b"IEND", b""))
    return SIGNATURE + b"".join(_chunk(name, data) for name, data in parts)


def _chunks(picture: bytes) -> Iterator[tuple[bytes, bytes]]:
    place = len(SIGNATURE)
    while place < len(picture):
        length, name = struct.unpack(">I4s", picture[place : place + 8])
        yield name, picture[place + 8 : place + 8 + length]
        place += length + 12


def _chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def _plain(packed: bytes, width: int, size: int) -> bytearray:
    """Without the filters that PNG puts before each row; `width` and `size` (of a pixel) in bytes.
    https://www.w3.org/TR/png-3/#9Filters"""
    out, before = bytearray(), bytearray(width)
    for start in range(0, len(packed), width + 1):
        row = bytearray(packed[start + 1 : start + 1 + width])
        _unfilter(packed[start], row, before, size)
        out += row
        before = row
    return out


def _unfilter(kind: int, row: bytearray, up: bytearray, size: int) -> None:
    if kind == 2:
        row[:] = bytes((value + above) & 0xFF for value, above in zip(row, up, strict=True))
    elif kind:
        for n in range(len(row)):
            left, corner = (row[n - size], up[n - size]) if n >= size else (0, 0)
            row[n] = (row[n] + _guess(kind, left, up[n], corner)) & 0xFF


def _guess(kind: int, left: int, up: int, corner: int) -> int:
    if kind == 1:
        return left
    return (left + up) // 2 if kind == 3 else _paeth(left, up, corner)


def _paeth(left: int, up: int, corner: int) -> int:
    guess = left + up - corner
    return min((left, up, corner), key=lambda value: abs(guess - value))


def _palette(counts: Counter[Colour]) -> list[Colour]:
    """The commonest colours, and of those that are left the commonest one of each kind."""
    common = [colour for colour, _ in counts.most_common(COLOURS // 2)]
    kinds: dict[bytes, Counter[Colour]] = {}
    for colour, count in counts.items():
        kind = bytes(part & COARSE for part in colour)
        kinds.setdefault(kind, Counter())[colour] = count
    told = {bytes(part & COARSE for part in colour) for colour in common}
    rest = [found for kind, found in kinds.items() if kind not in told]
    rest.sort(key=lambda found: -found.total())
    return [*common, *(found.most_common(1)[0][0] for found in rest)][:COLOURS]


def _nearest(colours: set[Colour], palette: list[Colour]) -> dict[Colour, int]:
    """Their places in the palette; what is not in it goes where the first of its kind does."""
    exact = {colour: place for place, colour in enumerate(palette)}
    kinds: dict[bytes, int] = {}
    for colour in colours - exact.keys():
        kind = bytes(part & COARSE for part in colour)
        if kind not in kinds:
            distances = [_distance(colour, known) for known in palette]
            kinds[kind] = distances.index(min(distances))
        exact[colour] = kinds[kind]
    return exact


def _distance(colour: Colour, other: Colour) -> int:
    return sum((a - b) ** 2 for a, b in zip(colour, other, strict=True))
