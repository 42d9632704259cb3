# SPDX-License-Identifier: Apache-2.0
"""Peers that take places, or other peers' reputation."""

from __future__ import annotations

import asyncio
import struct
from collections.abc import Sequence

from ..clients.base import Endpoint
from .hostile import AttackerWhoReads
from .messages import LARGEST_BLOCK, Kind, handshake, piece_block
from .peer import Loop, OneFile

PARTIAL_HANDSHAKE = 48
"""The bytes of a handshake up to the peer id."""
HOLD_BACK_SECONDS = 2.0


class Overwriter(AttackerWhoReads):
    """Sends each block with wrong bytes; the last one only once another peer has sent the same block."""

    async def attack(self, writer: asyncio.StreamWriter) -> None:
        """Look like the best of seeds."""
        self._held = b""
        self._release: asyncio.Task[None] | None = None
        self._queue: list[tuple[int, int, int]] = []
        await self.pretend_to_seed(writer)

    async def answer(self, writer: asyncio.StreamWriter, kind: int, payload: bytes) -> None:
        """Send one block at a time: most of it now, its end after a while."""
        if kind == Kind.REQUEST:
            piece, begin, length = struct.unpack(">III", payload)
            self._queue.append((piece, begin, min(length, LARGEST_BLOCK)))
            self._send_next(writer)
        elif kind == Kind.CANCEL:
            self._queue = [wanted for wanted in self._queue if struct.pack(">III", *wanted) != payload]

    def _send_next(self, writer: asyncio.StreamWriter) -> None:
        if self._held or not self._queue:
            return
        piece, begin, length = self._queue.pop(0)
        spoilt = bytes(byte ^ 0x55 for byte in self.file.read(piece, begin, length))
        whole = piece_block(piece, begin, spoilt)
        writer.write(whole[:-1])
        self._held = whole[-1:]
        self.served += length
        self._release = asyncio.create_task(self._finish(writer))

    async def _finish(self, writer: asyncio.StreamWriter) -> None:
        await asyncio.sleep(HOLD_BACK_SECONDS)
        writer.write(self._held)
        self._held = b""
        self._send_next(writer)


class PlaceTaker:
    """Holds as many connections from one address as possible."""

    def __init__(self, loop: Loop, host: str) -> None:
        self._loop = loop
        self._host = host
        self.opened = 0
        """Connections that were made."""
        self.held = 0
        """Connections that are open."""

    def hold(self, target: Endpoint, info_hashes: Sequence[bytes], each: int, sent: int) -> None:
        """Open `each` connections for every hash, send part of a handshake, and stay; dial again when disconnected."""
        for info_hash in info_hashes:
            for _ in range(each):
                self._loop.spawn(self._keep(target, handshake(info_hash)[:sent], stays=True))

    def reconnect(self, target: Endpoint, info_hash: bytes, at_once: int) -> None:
        """Open, send a handshake, close and open again, as fast as possible."""
        for _ in range(at_once):
            self._loop.spawn(self._keep(target, handshake(info_hash), stays=False))

    async def _keep(self, target: Endpoint, opening: bytes, stays: bool) -> None:
        while True:
            try:
                reader, writer = await asyncio.open_connection(target.host, target.port, local_addr=(self._host, 0))
            except OSError:
                await asyncio.sleep(0.1)
                continue
            self.opened += 1
            self.held += 1
            try:
                writer.write(opening)
                await writer.drain()
                while stays and await reader.read(1 << 16):
                    pass
            except OSError:
                pass
            finally:
                self.held -= 1
                writer.close()
            await asyncio.sleep(0.1 if stays else 0)
