# SPDX-License-Identifier: Apache-2.0
"""An honest, rate-limited seed that records what each connection claimed, requested and was sent."""

from __future__ import annotations

import asyncio
import struct
import time
from collections import deque
from dataclasses import dataclass, field

from .messages import Kind, full_bitfield, handshake, message, piece_block, pieces_of, read_handshake, read_message
from .peer import Loop, OneFile, RawPeer

WRITE_BUFFER = 64 << 10
"""Little outgoing data is buffered, so that what counts as sent has left, or is about to."""


@dataclass
class Visit:
    """One connection, as the seed saw it."""

    claimed: set[int] = field(default_factory=set)
    """Pieces of the first bitfield: those that the leecher already had."""
    announced: set[int] = field(default_factory=set)
    """Pieces that it announced with `have`."""
    begun: list[int] = field(default_factory=list)
    """Pieces in the order of their first request."""
    sent: dict[tuple[int, int], float] = field(default_factory=dict)
    """When each block (piece, offset) was sent last."""
    sent_bytes: int = 0
    """Payload, counting a block again each time it is sent."""


class RecordingSeed(RawPeer):
    """Serves one file at `rate` bytes per second over all connections together."""

    def __init__(self, loop: Loop, host: str, file: OneFile, rate: int) -> None:
        self._file = file
        self._rate = rate
        self._free_at = 0.0
        self.visits: list[Visit] = []
        super().__init__(loop, host)

    async def meet(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Send a handshake, claim everything, serve requests."""
        await read_handshake(reader)
        writer.write(handshake(self._file.info_hash) + message(Kind.BITFIELD, full_bitfield(self._file.pieces)))
        writer.transport.set_write_buffer_limits(high=WRITE_BUFFER)
        visit = Visit()
        self.visits.append(visit)
        wanted: deque[tuple[int, int, int]] = deque()
        more = asyncio.Event()
        serving = asyncio.create_task(self._serve(writer, visit, wanted, more))
        try:
            while True:
                kind, payload = await read_message(reader)
                self._take_note(visit, wanted, kind, payload)
                if kind == Kind.INTERESTED:
                    writer.write(message(Kind.UNCHOKE))
                more.set()
        finally:
            serving.cancel()

    def _take_note(self, visit: Visit, wanted: deque[tuple[int, int, int]], kind: int, payload: bytes) -> None:
        if kind == Kind.BITFIELD:
            visit.claimed = pieces_of(payload)
        elif kind == Kind.HAVE:
            visit.announced.add(struct.unpack(">I", payload)[0])
        elif kind == Kind.REQUEST:
            piece, begin, length = struct.unpack(">III", payload)
            if piece not in visit.begun[-64:] and piece not in visit.begun:
                visit.begun.append(piece)
            wanted.append((piece, begin, length))
        elif kind == Kind.CANCEL:
            cancelled = struct.unpack(">III", payload)
            if cancelled in wanted:
                wanted.remove(cancelled)

    async def _serve(
        self, writer: asyncio.StreamWriter, visit: Visit, wanted: deque[tuple[int, int, int]], more: asyncio.Event
    ) -> None:
        while True:
            while not wanted:
                more.clear()
                await more.wait()
            piece, begin, length = wanted.popleft()
            await self._pace(length)
            writer.write(piece_block(piece, begin, self._file.read(piece, begin, length)))
            visit.sent[piece, begin] = time.monotonic()
            visit.sent_bytes += length
            await writer.drain()

    async def _pace(self, length: int) -> None:
        """Wait until this many bytes may be sent; short delays accumulate, because a loop cannot sleep so briefly."""
        now = time.monotonic()
        self._free_at = max(self._free_at, now - 0.01) + length / self._rate
        if self._free_at - now > 0.005:
            await asyncio.sleep(self._free_at - now)
