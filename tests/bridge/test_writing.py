"""How the bytes of an answer are given to the system."""

from __future__ import annotations

import asyncio
from typing import Any, cast

from bridge.writing import Together


class Wire:
    """Stands in for a transport: what was written, each by itself."""

    def __init__(self) -> None:
        self.written: list[bytes] = []
        self.closed = False

    def write(self, data: bytes) -> None:
        self.written.append(data)

    def close(self) -> None:
        self.closed = True

    def is_closing(self) -> bool:
        return self.closed


def together(wire: Wire) -> Together:
    return Together(cast(Any, wire))


async def test_head_and_body_leave_in_one_write() -> None:
    wire = Wire()
    transport = together(wire)
    for _ in range(2):
        transport.write(b"HTTP/1.1 200 OK\r\n\r\n")
        transport.write(b"body")
    await asyncio.sleep(0)
    assert wire.written == 2 * [b"HTTP/1.1 200 OK\r\n\r\nbody"]


async def test_a_head_whose_body_is_to_come_yet_leaves_at_the_next_turn() -> None:
    wire = Wire()
    transport = together(wire)
    transport.write(b"HTTP/1.1 200 OK\r\n\r\n")
    assert wire.written == []
    await asyncio.sleep(0)
    transport.write(b"data: 1\n\n")
    assert wire.written == [b"HTTP/1.1 200 OK\r\n\r\n", b"data: 1\n\n"]


async def test_a_head_leaves_before_the_connection_closes() -> None:
    wire = Wire()
    transport = together(wire)
    transport.write(b"HTTP/1.1 204 No Content\r\n\r\n")
    assert not transport.is_closing()
    transport.close()
    assert wire.written == [b"HTTP/1.1 204 No Content\r\n\r\n"]
    assert transport.is_closing()
