# SPDX-License-Identifier: Apache-2.0
"""Peers that name others: a victim's ports, or a neighbour's as their own."""

from __future__ import annotations

import asyncio
import socket
import struct
from collections.abc import Sequence

import libtorrent as lt

from ..clients.base import Endpoint
from .messages import Kind, handshake, message, read_handshake
from .peer import Loop, OneFile, RawPeer

EXTENDED_HANDSHAKE = 0
PEER_EXCHANGE = 2
"""Ruche's id for peer exchange, as in its handshake."""
CONTACTS = 50
"""In one message (BEP 11)."""
EXCHANGE_SECONDS = 16.0
"""The time between two messages; Ruche accepts no more."""


class Teller(RawPeer):
    """Connects, names its own port in its handshake, names others by peer exchange, and sends nothing else."""

    def __init__(self, loop: Loop, host: str, file: OneFile, port: int, told: Sequence[Endpoint] = ()) -> None:
        self.file = file
        self.told = 0
        """Contacts that were sent."""
        self.connections = 0
        self._port = port
        self._contacts = told
        super().__init__(loop, host)

    async def meet(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Send a valid handshake, and a message of contacts now and then."""
        writer.write(handshake(self.file.info_hash, extensions=True))
        await read_handshake(reader)
        self.connections += 1
        writer.write(_extended(EXTENDED_HANDSHAKE, {b"m": {b"ut_pex": PEER_EXCHANGE}, b"p": self._port}))
        draining = asyncio.create_task(_drain(reader))
        try:
            for start in range(0, len(self._contacts), CONTACTS):
                contacts = self._contacts[start : start + CONTACTS]
                compact = b"".join(socket.inet_aton(to.host) + struct.pack(">H", to.port) for to in contacts)
                writer.write(_extended(PEER_EXCHANGE, {b"added": compact, b"added.f": bytes(len(contacts))}))
                await writer.drain()
                self.told += len(contacts)
                await asyncio.sleep(EXCHANGE_SECONDS)
            await draining
        finally:
            draining.cancel()


class Victim:
    """Many ports at one address; counts connections."""

    def __init__(self, loop: Loop, host: str, ports: int) -> None:
        self.dials = 0
        self.endpoints: list[Endpoint] = loop.call(self._listen(host, ports))

    async def _listen(self, host: str, ports: int) -> list[Endpoint]:
        servers = [await asyncio.start_server(self._count, host, 0) for _ in range(ports)]
        return [Endpoint(host, server.sockets[0].getsockname()[1]) for server in servers]

    async def _count(self, _: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.dials += 1
        writer.close()


async def _drain(reader: asyncio.StreamReader) -> None:
    while await reader.read(1 << 16):
        pass


def _extended(identifier: int, dictionary: dict[bytes, object]) -> bytes:
    return message(Kind.EXTENDED, bytes([identifier]) + lt.bencode(dictionary))
