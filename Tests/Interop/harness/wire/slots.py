# SPDX-License-Identifier: Apache-2.0
"""Peers that hold upload slots."""

from __future__ import annotations

import asyncio
import random

from ..clients.base import Endpoint
from .messages import Kind, handshake, message, read_handshake, read_message
from .peer import Loop

CHOKED_SECONDS = (2.0, 10.0)
"""How long a choked connection lasts."""


class SlotTaker:
    """Is interested, on many connections from one address, and requests nothing.

    A connection that is choked for a while, or again, is replaced by a new one, which looks like a newcomer.
    """

    def __init__(self, loop: Loop, host: str) -> None:
        self._loop = loop
        self._host = host
        self._random = random.Random(host)
        self.opened = 0
        """Connections that were made."""
        self.held = 0
        """Upload slots that it has."""
        self.turns = 0
        """Upload slots that it has had so far."""

    def crowd(self, target: Endpoint, info_hash: bytes, count: int) -> None:
        """Maintain this many connections."""
        for _ in range(count):
            self._loop.spawn(self._keep(target, info_hash))

    async def _keep(self, target: Endpoint, info_hash: bytes) -> None:
        while True:
            try:
                reader, writer = await asyncio.open_connection(target.host, target.port, local_addr=(self._host, 0))
            except OSError:
                await asyncio.sleep(0.1)
                continue
            self.opened += 1
            try:
                writer.write(handshake(info_hash) + message(Kind.INTERESTED))
                await read_handshake(reader)
                async with asyncio.timeout(self._random.uniform(*CHOKED_SECONDS)):
                    await _read_until(reader, Kind.UNCHOKE)
                await self._hold(reader)
            except (OSError, ValueError, asyncio.IncompleteReadError):
                pass  # a timeout is an OSError
            finally:
                writer.close()
            await asyncio.sleep(0.1)

    async def _hold(self, reader: asyncio.StreamReader) -> None:
        self.turns += 1
        self.held += 1
        try:
            await _read_until(reader, Kind.CHOKE)
        finally:
            self.held -= 1


async def _read_until(reader: asyncio.StreamReader, wanted: Kind) -> None:
    while (await read_message(reader))[0] != wanted:
        pass
