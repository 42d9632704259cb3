# SPDX-License-Identifier: Apache-2.0
"""Peers that misbehave, one class for each kind."""

from __future__ import annotations

import asyncio
import os
import random
import struct
from abc import abstractmethod

from .messages import (
    LARGEST_BLOCK,
    Kind,
    full_bitfield,
    handshake,
    have,
    message,
    piece_block,
    read_handshake,
    read_message,
)
from .peer import Loop, OneFile, RawPeer

METADATA_OF_2_GB = 2_000_000_000
TRICKLE_SECONDS = 1.0
MOST_BYTES = 128 << 20
"""The maximum number of bytes of an attack on one connection."""


class Attacker(RawPeer):
    """A hostile peer for one torrent. `served` counts the bytes of its attack that it has sent."""

    def __init__(self, loop: Loop, host: str, file: OneFile) -> None:
        self.file = file
        self.served = 0
        self.random = random.Random(host)
        super().__init__(loop, host)

    async def meet(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Send a valid handshake, and then the attack; incoming bytes are discarded meanwhile."""
        writer.write(handshake(self.file.info_hash, extensions=True))
        await read_handshake(reader)
        draining = asyncio.create_task(_drain(reader))
        try:
            await self.attack(writer)
            await draining
        finally:
            draining.cancel()

    @abstractmethod
    async def attack(self, writer: asyncio.StreamWriter) -> None:
        """The attack of this peer."""

    async def flood(self, writer: asyncio.StreamWriter, chunk: bytes) -> None:
        """Send the same bytes repeatedly, until disconnected."""
        for _ in range(MOST_BYTES // len(chunk)):
            writer.write(chunk)
            await writer.drain()
            self.served += len(chunk)

    async def pretend_to_seed(self, writer: asyncio.StreamWriter) -> None:
        """Claim everything and offer it."""
        writer.write(message(Kind.BITFIELD, full_bitfield(self.file.pieces)) + message(Kind.UNCHOKE))
        await writer.drain()


class AttackerWhoReads(Attacker):
    """A hostile peer that answers Ruche's messages."""

    async def meet(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Send a valid handshake, an opening, and an answer to each message."""
        writer.write(handshake(self.file.info_hash, extensions=True))
        await read_handshake(reader)
        await self.attack(writer)
        while True:
            kind, payload = await read_message(reader)
            await self.answer(writer, kind, payload)
            await writer.drain()

    @abstractmethod
    async def answer(self, writer: asyncio.StreamWriter, kind: int, payload: bytes) -> None:
        """Answer one message."""


async def _drain(reader: asyncio.StreamReader) -> None:
    while await reader.read(1 << 16):
        pass


class GarbageFirst(Attacker):
    """Random bytes instead of the handshake."""

    async def meet(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Send no handshake."""
        await self.flood(writer, self.random.randbytes(1 << 16))

    async def attack(self, writer: asyncio.StreamWriter) -> None:
        """Not reached: the handshake is the attack."""


class GarbageAfterHandshake(Attacker):
    """Random bytes instead of messages."""

    async def attack(self, writer: asyncio.StreamWriter) -> None:
        """Send random lengths and ids."""
        await self.flood(writer, self.random.randbytes(1 << 16))


class OversizeLength(Attacker):
    """Length prefixes far beyond any message, followed by bytes as long as they are read."""

    def __init__(self, loop: Loop, host: str, file: OneFile, length: int, kind: int) -> None:
        self._start = struct.pack(">IB", length, kind)
        super().__init__(loop, host, file)

    async def attack(self, writer: asyncio.StreamWriter) -> None:
        """Send one endless message."""
        writer.write(self._start)
        await self.flood(writer, bytes(1 << 16))


class WrongBitfield(Attacker):
    """A bitfield of the wrong size, or with spare bits set."""

    def __init__(self, loop: Loop, host: str, file: OneFile, bitfield: bytes) -> None:
        self._bitfield = bitfield
        super().__init__(loop, host, file)

    async def attack(self, writer: asyncio.StreamWriter) -> None:
        """Send the bitfield, and an unchoke to look useful."""
        writer.write(message(Kind.BITFIELD, self._bitfield) + message(Kind.UNCHOKE))
        await writer.drain()


class UnrequestedBlocks(Attacker):
    """Unrequested blocks, some beyond the torrent's end."""

    async def attack(self, writer: asyncio.StreamWriter) -> None:
        """Send a stream of them."""
        await self.pretend_to_seed(writer)
        pieces = [self.random.randrange(self.file.pieces) for _ in range(8)] + [self.file.pieces, 0xFFFFFFFF]
        blocks = b"".join(piece_block(piece, LARGEST_BLOCK, self.random.randbytes(LARGEST_BLOCK)) for piece in pieces)
        await self.flood(writer, blocks)


class Poisoner(AttackerWhoReads):
    """Answers every request at once, with bytes that are not the torrent's."""

    async def attack(self, writer: asyncio.StreamWriter) -> None:
        """Look like the best of seeds."""
        await self.pretend_to_seed(writer)

    async def answer(self, writer: asyncio.StreamWriter, kind: int, payload: bytes) -> None:
        """Answer a request with poison, and a request for hashes with a reject."""
        if kind == Kind.REQUEST:
            piece, begin, length = struct.unpack(">III", payload)
            writer.write(
                piece_block(piece, begin, self._spoil(self.file.read(piece, begin, min(length, LARGEST_BLOCK))))
            )
            self.served += length
        elif kind == Kind.HASH_REQUEST:
            writer.write(message(Kind.HASH_REJECT, payload))

    def _spoil(self, block: bytes) -> bytes:
        """One wrong byte is enough."""
        at = self.random.randrange(len(block))
        return block[:at] + bytes([block[at] ^ 0xFF]) + block[at + 1 :]


class MetadataServer(AttackerWhoReads):
    """Serves metadata, the first step of every attack on magnet links."""

    def __init__(self, loop: Loop, host: str, file: OneFile, size: int) -> None:
        self._size = size
        self._their_id = 0
        super().__init__(loop, host, file)

    @abstractmethod
    def part(self, start: int, length: int) -> bytes:
        """Return a part of the metadata."""

    async def attack(self, writer: asyncio.StreamWriter) -> None:
        """Send the extended handshake with the size."""
        body = b"d1:md11:ut_metadatai1ee13:metadata_sizei%de4:reqqi500ee" % self._size
        writer.write(message(Kind.EXTENDED, b"\0" + body))
        await writer.drain()

    async def answer(self, writer: asyncio.StreamWriter, kind: int, payload: bytes) -> None:
        """Send every requested part; Ruche's id for such messages comes from its handshake."""
        if kind != Kind.EXTENDED:
            return
        if payload[:1] == b"\0":
            _, _, rest = payload.partition(b"11:ut_metadatai")
            self._their_id = int(rest.partition(b"e")[0] or b"0")
        elif b"8:msg_typei0e" in payload:
            part = int(payload.partition(b"5:piecei")[2].partition(b"e")[0])
            length = max(0, min(LARGEST_BLOCK, self._size - part * LARGEST_BLOCK))
            data = self.part(part * LARGEST_BLOCK, length)
            header = b"d8:msg_typei1e5:piecei%de10:total_sizei%dee" % (part, self._size)
            writer.write(message(Kind.EXTENDED, bytes([self._their_id]) + header + data))


class FalseMetadata(MetadataServer):
    """Claims metadata of some size, and serves random parts of it."""

    def part(self, start: int, length: int) -> bytes:
        """Return random bytes."""
        self.served += length
        return self.random.randbytes(length)


class FalseHashes(MetadataServer):
    """Serves true metadata and true blocks, but invented hashes (BEP 52)."""

    def __init__(self, loop: Loop, host: str, file: OneFile) -> None:
        super().__init__(loop, host, file, len(file.info_dictionary))

    def part(self, start: int, length: int) -> bytes:
        """Return the true part."""
        return self.file.info_dictionary[start : start + length]

    async def attack(self, writer: asyncio.StreamWriter) -> None:
        """Act as a seed that has the metadata too."""
        await self.pretend_to_seed(writer)
        await super().attack(writer)

    async def answer(self, writer: asyncio.StreamWriter, kind: int, payload: bytes) -> None:
        """Send as many random hashes as requested, and as many for the proof."""
        if kind == Kind.REQUEST:
            piece, begin, length = struct.unpack(">III", payload)
            writer.write(piece_block(piece, begin, self.file.read(piece, begin, length)))
            return
        if kind != Kind.HASH_REQUEST:
            await super().answer(writer, kind, payload)
            return
        _, _, count, proofs = struct.unpack(">IIII", payload[32:])
        hashes = self.random.randbytes(32 * min(count + proofs, 1024))
        writer.write(message(Kind.HASHES, payload + hashes))
        self.served += len(hashes)


class HaveFlood(Attacker):
    """Endless `have` messages: the same pieces again and again."""

    async def attack(self, writer: asyncio.StreamWriter) -> None:
        """Send them as fast as they are read."""
        await self.flood(writer, b"".join(have(piece % self.file.pieces) for piece in range(8192)))


class HaveBeyondEnd(Attacker):
    """`have` of pieces that the torrent does not have."""

    async def attack(self, writer: asyncio.StreamWriter) -> None:
        """Send them as fast as they are read."""
        await self.flood(writer, b"".join(have(self.file.pieces + number) for number in range(8192)))


class SlowHandshake(Attacker):
    """A handshake at one byte per second."""

    async def meet(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """It would take more than a minute."""
        await _trickle(writer, handshake(self.file.info_hash))

    async def attack(self, writer: asyncio.StreamWriter) -> None:
        """Not reached: the handshake is the attack."""


class SlowMessages(AttackerWhoReads):
    """An alleged seed that sends blocks at one byte per second."""

    async def attack(self, writer: asyncio.StreamWriter) -> None:
        """Attract requests."""
        await self.pretend_to_seed(writer)

    async def answer(self, writer: asyncio.StreamWriter, kind: int, payload: bytes) -> None:
        """Answer the first request for hours."""
        if kind == Kind.REQUEST:
            piece, begin, length = struct.unpack(">III", payload)
            self.served += 1
            await _trickle(writer, piece_block(piece, begin, self.file.read(piece, begin, length)))


async def _trickle(writer: asyncio.StreamWriter, data: bytes) -> None:
    for at in range(len(data)):
        writer.write(data[at : at + 1])
        await writer.drain()
        await asyncio.sleep(TRICKLE_SECONDS)


class IdleConnection(Attacker):
    """One of a crowd: connects, sends as little as possible, and stays."""

    async def meet(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Half of them send a handshake first."""
        if os.urandom(1)[0] & 1:
            writer.write(handshake(self.file.info_hash))
        await _drain(reader)

    async def attack(self, writer: asyncio.StreamWriter) -> None:
        """Not reached: the connection is the attack."""
