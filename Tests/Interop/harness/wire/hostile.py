# SPDX-License-Identifier: Apache-2.0
"""Peers that misbehave, one class for each way of doing so."""

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
"""No attacker sends more than this on one connection."""


class Attacker(RawPeer):
    """A hostile peer for one torrent. `served` counts the bytes of its attack that it got rid of."""

    def __init__(self, loop: Loop, host: str, file: OneFile) -> None:
        self.file = file
        self.served = 0
        self.random = random.Random(host)
        super().__init__(loop, host)

    async def meet(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """A right handshake, and then the attack; what comes in is read and thrown away meanwhile."""
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
        """What is wrong with this peer."""

    async def flood(self, writer: asyncio.StreamWriter, chunk: bytes) -> None:
        """Send the same bytes over and over, until thrown out."""
        for _ in range(MOST_BYTES // len(chunk)):
            writer.write(chunk)
            await writer.drain()
            self.served += len(chunk)

    async def pretend_to_seed(self, writer: asyncio.StreamWriter) -> None:
        """Claim everything and offer it."""
        writer.write(message(Kind.BITFIELD, full_bitfield(self.file.pieces)) + message(Kind.UNCHOKE))
        await writer.drain()


class AttackerWhoReads(Attacker):
    """One that answers what Ruche says."""

    async def meet(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """A right handshake, an opening, and an answer to each message."""
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
    """Random bytes where the handshake belongs."""

    async def meet(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """No handshake at all."""
        await self.flood(writer, self.random.randbytes(1 << 16))

    async def attack(self, writer: asyncio.StreamWriter) -> None:
        """Not reached: the handshake is the attack."""


class GarbageAfterHandshake(Attacker):
    """Random bytes where messages belong."""

    async def attack(self, writer: asyncio.StreamWriter) -> None:
        """Lengths and ids by chance."""
        await self.flood(writer, self.random.randbytes(1 << 16))


class OversizeLength(Attacker):
    """Length prefixes far beyond any message, with bytes to follow for as long as anybody takes them."""

    def __init__(self, loop: Loop, host: str, file: OneFile, length: int, kind: int) -> None:
        self._start = struct.pack(">IB", length, kind)
        super().__init__(loop, host, file)

    async def attack(self, writer: asyncio.StreamWriter) -> None:
        """One endless message."""
        writer.write(self._start)
        await self.flood(writer, bytes(1 << 16))


class WrongBitfield(Attacker):
    """A bitfield of the wrong size, or with spare bits set."""

    def __init__(self, loop: Loop, host: str, file: OneFile, bitfield: bytes) -> None:
        self._bitfield = bitfield
        super().__init__(loop, host, file)

    async def attack(self, writer: asyncio.StreamWriter) -> None:
        """The bitfield, and an unchoke to look useful."""
        writer.write(message(Kind.BITFIELD, self._bitfield) + message(Kind.UNCHOKE))
        await writer.drain()


class UnrequestedBlocks(Attacker):
    """Blocks that nobody asked for, some beyond the torrent's end."""

    async def attack(self, writer: asyncio.StreamWriter) -> None:
        """A stream of them."""
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
        """Poison for a request, a refusal for a request of hashes."""
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
        """A part of the metadata."""

    async def attack(self, writer: asyncio.StreamWriter) -> None:
        """The extended handshake that tells the size."""
        body = b"d1:md11:ut_metadatai1ee13:metadata_sizei%de4:reqqi500ee" % self._size
        writer.write(message(Kind.EXTENDED, b"\0" + body))
        await writer.drain()

    async def answer(self, writer: asyncio.StreamWriter, kind: int, payload: bytes) -> None:
        """Every part asked for; Ruche's own id for such messages is learned from its handshake."""
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
        """Anything."""
        self.served += length
        return self.random.randbytes(length)


class FalseHashes(MetadataServer):
    """Serves true metadata and true blocks, but made-up hashes (BEP 52)."""

    def __init__(self, loop: Loop, host: str, file: OneFile) -> None:
        super().__init__(loop, host, file, len(file.info_dictionary))

    def part(self, start: int, length: int) -> bytes:
        """The true one."""
        return self.file.info_dictionary[start : start + length]

    async def attack(self, writer: asyncio.StreamWriter) -> None:
        """A seed that knows the metadata too."""
        await self.pretend_to_seed(writer)
        await super().attack(writer)

    async def answer(self, writer: asyncio.StreamWriter, kind: int, payload: bytes) -> None:
        """As many random hashes as were asked for, and as many for the proof."""
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
    """`have` without end: the same pieces again and again."""

    async def attack(self, writer: asyncio.StreamWriter) -> None:
        """As fast as they are taken."""
        await self.flood(writer, b"".join(have(piece % self.file.pieces) for piece in range(8192)))


class HaveBeyondEnd(Attacker):
    """`have` of pieces that the torrent has not."""

    async def attack(self, writer: asyncio.StreamWriter) -> None:
        """As fast as they are taken."""
        await self.flood(writer, b"".join(have(self.file.pieces + number) for number in range(8192)))


class SlowHandshake(Attacker):
    """A handshake of one byte a second."""

    async def meet(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """It would take more than a minute."""
        await _trickle(writer, handshake(self.file.info_hash))

    async def attack(self, writer: asyncio.StreamWriter) -> None:
        """Not reached: the handshake is the attack."""


class SlowMessages(AttackerWhoReads):
    """A seed by its word, whose blocks come at one byte a second."""

    async def attack(self, writer: asyncio.StreamWriter) -> None:
        """Attract requests."""
        await self.pretend_to_seed(writer)

    async def answer(self, writer: asyncio.StreamWriter, kind: int, payload: bytes) -> None:
        """The first request is answered for hours."""
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
    """One of a crowd: connects, says as little as it may, and stays."""

    async def meet(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Half of them shake hands first."""
        if os.urandom(1)[0] & 1:
            writer.write(handshake(self.file.info_hash))
        await _drain(reader)

    async def attack(self, writer: asyncio.StreamWriter) -> None:
        """Not reached: being there is the attack."""
