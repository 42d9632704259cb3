# SPDX-License-Identifier: Apache-2.0
"""The peer protocol's bytes (BEP 3, BEP 10, BEP 52), as far as the raw peers need them."""

from __future__ import annotations

import asyncio
import os
import struct
from enum import IntEnum

PROTOCOL = b"\x13BitTorrent protocol"
HANDSHAKE_LENGTH = 68
EXTENSION_BIT = 0x10
"""In the sixth reserved byte: BEP 10."""
LONGEST_MESSAGE = 1 << 20
LARGEST_BLOCK = 16 << 10
"""The usual length of a request."""


class Kind(IntEnum):
    """Message ids."""

    CHOKE = 0
    UNCHOKE = 1
    INTERESTED = 2
    NOT_INTERESTED = 3
    HAVE = 4
    BITFIELD = 5
    REQUEST = 6
    PIECE = 7
    CANCEL = 8
    EXTENDED = 20
    HASH_REQUEST = 21
    HASHES = 22
    HASH_REJECT = 23


def handshake(info_hash: bytes, extensions: bool = False) -> bytes:
    """The first 68 bytes, with a random peer id."""
    reserved = bytes([0, 0, 0, 0, 0, EXTENSION_BIT if extensions else 0, 0, 0])
    return PROTOCOL + reserved + info_hash + b"-XX0001-" + os.urandom(6).hex().encode()


def message(kind: int, payload: bytes = b"") -> bytes:
    """A message with its length prefix."""
    return struct.pack(">IB", 1 + len(payload), kind) + payload


def have(piece: int) -> bytes:
    """`have` a piece."""
    return message(Kind.HAVE, struct.pack(">I", piece))


def piece_block(piece: int, begin: int, block: bytes) -> bytes:
    """`piece`, with a block of it."""
    return message(Kind.PIECE, struct.pack(">II", piece, begin) + block)


def full_bitfield(pieces: int) -> bytes:
    """A seed's bitfield: spare bits at the end are zero."""
    bits = bytearray(b"\xff" * ((pieces + 7) // 8))
    if pieces % 8:
        bits[-1] = 0xFF << (8 - pieces % 8) & 0xFF
    return bytes(bits)


def pieces_of(bitfield: bytes) -> set[int]:
    """The pieces a bitfield claims."""
    return {8 * at + bit for at, byte in enumerate(bitfield) for bit in range(8) if byte & (0x80 >> bit)}


async def read_handshake(reader: asyncio.StreamReader) -> bytes:
    """The other side's info-hash. Raises `ValueError` for another protocol."""
    received = await reader.readexactly(HANDSHAKE_LENGTH)
    if not received.startswith(PROTOCOL):
        raise ValueError("not the plain peer protocol")
    return received[28:48]


async def read_message(reader: asyncio.StreamReader) -> tuple[int, bytes]:
    """The next message that is not a keep-alive. Raises `ValueError` if it is too long."""
    while True:
        (length,) = struct.unpack(">I", await reader.readexactly(4))
        if length > LONGEST_MESSAGE:
            raise ValueError(f"a message of {length} bytes")
        if length:
            body = await reader.readexactly(length)
            return body[0], body[1:]
