# SPDX-License-Identifier: Apache-2.0
"""Peers that send requests and do not read, on plain sockets: a stream of asyncio would read ahead."""

from __future__ import annotations

import socket
import struct
import time

from ..clients.base import Endpoint
from .messages import HANDSHAKE_LENGTH, Kind, handshake, message
from .peer import OneFile

FAST_BIT = 0x04
UNREAD_BUFFER = 4 << 10
ANSWER_SECONDS = 20
OUR_METADATA_ID = 3


def metadata_requests(count: int) -> bytes:
    """`count` requests of `ut_metadata` for the first part, under Ruche's id for them."""
    return message(Kind.EXTENDED, b"\x01d8:msg_typei0e5:piecei0ee") * count


def everything(file: OneFile) -> bytes:
    """One of each message that makes a seed do something."""
    request = struct.pack(">III", 0, 0, 16 << 10)
    root = bytes(range(32))
    rounds = [
        metadata_requests(50),
        message(Kind.HASH_REQUEST, root + struct.pack(">IIII", 0, 0, 512, 0)) * 50,
        (message(Kind.INTERESTED) + message(Kind.NOT_INTERESTED)) * 50,
        message(Kind.INTERESTED) + message(Kind.REQUEST, request) * 400 + message(Kind.CANCEL, request) * 50,
        (message(Kind.CHOKE) + message(Kind.UNCHOKE)) * 50,
        b"".join(message(Kind.HAVE, struct.pack(">I", piece)) for piece in range(file.pieces // 2)),
        message(Kind.EXTENDED, b"\x00" + _HANDSHAKE) * 50,
    ]
    return b"".join(rounds) * 4


_HANDSHAKE = b"d1:md11:ut_metadatai%dee13:metadata_sizei30000e4:reqqi500ee" % OUR_METADATA_ID


class Flooder:
    """A peer that sends its handshakes and its burst, and reads nothing more."""

    def __init__(self, host: str, target: Endpoint, info_hash: bytes, burst: bytes, seconds: float) -> None:
        self._host = host
        self._target = target
        self._info_hash = info_hash
        self._burst = burst
        self._until = time.monotonic() + seconds
        self.sent = 0
        """Bytes that it has sent."""
        self.met = 0
        """Connections with an answer."""

    def run(self) -> None:
        """Repeat until its time is over."""
        while time.monotonic() < self._until:
            try:
                self._meet()
            except OSError:
                time.sleep(0.5)

    def _meet(self) -> None:
        with _connect(self._host, self._target) as peer:
            peer.sendall(_fast_handshake(self._info_hash))
            _read(peer, HANDSHAKE_LENGTH)
            self.met += 1
            peer.sendall(message(Kind.EXTENDED, b"\x00" + _HANDSHAKE))
            peer.settimeout(2)
            for at in range(0, len(self._burst), 1 << 14):
                chunk = self._burst[at : at + (1 << 14)]
                peer.sendall(chunk)
                self.sent += len(chunk)
            # It stays, and reads nothing: whether it was disconnected shows when it sends something.
            while time.monotonic() < self._until:
                time.sleep(1)
                peer.sendall(message(Kind.INTERESTED) + message(Kind.NOT_INTERESTED))


class LateNamed:
    """A peer that sends the first 48 bytes of its handshake, and its id only after the answer."""

    def __init__(self, host: str, target: Endpoint, info_hash: bytes) -> None:
        self._host = host
        self._target = target
        self._info_hash = info_hash

    def meet(self) -> tuple[bytes, bytes]:
        """Returns the info-hash of the answer, and the first bytes after the handshake."""
        whole = _fast_handshake(self._info_hash)
        with _connect(self._host, self._target) as peer:
            peer.settimeout(ANSWER_SECONDS)
            peer.sendall(whole[:48])
            answer = _read(peer, HANDSHAKE_LENGTH)
            peer.sendall(whole[48:])
            return answer[28:48], _read(peer, 5)


def _connect(host: str, target: Endpoint) -> socket.socket:
    peer = socket.socket()
    peer.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, UNREAD_BUFFER)
    peer.settimeout(ANSWER_SECONDS)
    peer.bind((host, 0))
    peer.connect((target.host, target.port))
    return peer


def _fast_handshake(info_hash: bytes) -> bytes:
    bits = bytearray(handshake(info_hash, extensions=True))
    bits[27] |= FAST_BIT
    return bytes(bits)


def _read(peer: socket.socket, count: int) -> bytes:
    received = b""
    while len(received) < count:
        more = peer.recv(count - len(received))
        if not more:
            raise OSError("hung up")
        received += more
    return received
