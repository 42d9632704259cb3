# SPDX-License-Identifier: Apache-2.0
"""Servers outside a namespace: a proxy, a tracker, a name server. Each prints a line for every request.

usage: outside.py proxy KIND HOST PORT LOGIN NAME ADDRESS   KIND is socks5 or http; LOGIN is USER:PASSWORD or -
       outside.py tracker HOST PORT PEER-HOST PEER-PORT
       outside.py udp-tracker HOST PORT PEER-HOST PEER-PORT
       outside.py dht HOST PORT PEER-HOST PEER-PORT
       outside.py names HOST NAME ADDRESS
"""

from __future__ import annotations

import asyncio
import base64
import socket
import struct
import sys
from collections.abc import Iterator

SOCKS = b"\x05"
GRANTED = b"\x05\x00\x00\x01" + bytes(6)
PLAIN, PASSWORD, NONE_FITS = 0, 2, 0xFF
IPV4, NAME = 1, 3
CONNECT, ASSOCIATE = 1, 3
DNS_PORT = 53


def say(*words: object) -> None:
    """Print a line at once."""
    print(*words, flush=True)


class Proxy:
    """SOCKS 5 or HTTP CONNECT, which knows one name."""

    def __init__(self, kind: str, login: str, name: str, address: str) -> None:
        self._serve = self._socks if kind == "socks5" else self._http
        self._login = None if login == "-" else login
        self._names = {name: address}

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection."""
        try:
            await self._serve(reader, writer)
        except (OSError, ValueError, asyncio.IncompleteReadError) as error:
            say("failed", repr(error))
        finally:
            writer.close()

    async def _socks(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        _, count = await reader.readexactly(2)
        offered = await reader.readexactly(count)
        wanted = PASSWORD if self._login else PLAIN
        writer.write(SOCKS + bytes([wanted if wanted in offered else NONE_FITS]))
        if self._login:
            _, length = await reader.readexactly(2)
            user = await reader.readexactly(length)
            (length,) = await reader.readexactly(1)
            right = f"{user.decode()}:{(await reader.readexactly(length)).decode()}" == self._login
            writer.write(bytes([1, 0 if right else 1]))
            if not right:
                return say("refused")
        _, command, _, kind = await reader.readexactly(4)
        if kind == NAME:
            (length,) = await reader.readexactly(1)
            host = (await reader.readexactly(length)).decode()
        else:
            host = socket.inet_ntoa(await reader.readexactly(4)) if kind == IPV4 else "::"
        (port,) = struct.unpack(">H", await reader.readexactly(2))
        if command == ASSOCIATE:
            return await self._associate(reader, writer)
        await self._connect(host, port, GRANTED, reader, writer)

    async def _associate(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Relay datagrams of the client's, until it closes the connection."""
        loop = asyncio.get_running_loop()
        client, host = writer.get_extra_info("peername")[0], writer.get_extra_info("sockname")[0]
        relay, _ = await loop.create_datagram_endpoint(lambda: Relay(client, self._names), (host, 0))
        port = relay.get_extra_info("sockname")[1]
        say("associated", port)
        writer.write(SOCKS + b"\0\0" + bytes([IPV4]) + bytes(4) + struct.pack(">H", port))
        await reader.read()
        relay.close()

    async def _http(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        lines = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
        method, target, _ = lines[0].split(" ")
        if self._login:
            expected = "Proxy-Authorization: Basic " + base64.b64encode(self._login.encode()).decode()
            if expected not in lines:
                writer.write(b"HTTP/1.1 407 Proxy Authentication Required\r\n\r\n")
                return say("refused")
        host, _, port = target.rpartition(":")
        if method == "CONNECT":
            await self._connect(host, int(port), b"HTTP/1.1 200 OK\r\n\r\n", reader, writer)

    async def _connect(
        self, host: str, port: int, granted: bytes, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        say("asked", host, port)
        far, near = await asyncio.open_connection(self._names.get(host, host), port)
        writer.write(granted)
        await asyncio.gather(_copy(reader, near), _copy(far, writer))


class Relay(asyncio.DatagramProtocol):
    """Passes datagrams on, both ways, on one port (RFC 1928 section 7)."""

    def __init__(self, client: str, names: dict[str, str]) -> None:
        self._client, self._names = client, names
        self._home: tuple[str, int] | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Remember where to send."""
        self._transport = transport

    def datagram_received(self, data: bytes, sender: tuple[str, int]) -> None:
        """From the client with a header, from all others without."""
        if sender[0] != self._client:
            header = b"\0\0\0" + bytes([IPV4]) + socket.inet_aton(sender[0]) + struct.pack(">H", sender[1])
            return self._transport.sendto(header + data, self._home)
        self._home = sender
        if data[3] == NAME:
            end = 5 + data[4]
            host = data[5:end].decode()
        else:
            end = 8
            host = socket.inet_ntoa(data[4:end])
        (port,) = struct.unpack(">H", data[end : end + 2])
        say("relayed", host, port)
        self._transport.sendto(data[end + 2 :], (self._names.get(host, host), port))


async def _copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while part := await reader.read(1 << 16):
        writer.write(part)
        await writer.drain()
    writer.close()


async def tracker(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Answers every announce with the same peer."""
    say("announce", (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")[0])
    peer = socket.inet_aton(sys.argv[4]) + struct.pack(">H", int(sys.argv[5]))
    body = b"d8:intervali60e5:peers6:" + peer + b"e"
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\nConnection: close\r\n\r\n" % len(body) + body)
    writer.close()


def udp_tracker(peer: bytes) -> None:
    """Answers connects and announces (BEP 15), always with the same peer."""
    for question, asker, udp in _questions():
        action, transaction = question[8:12], question[12:16]
        if action == bytes(4):
            udp.sendto(bytes(4) + transaction + b"connect.", asker)
        elif action == b"\0\0\0\1" and question[:8] == b"connect.":
            say("announce")
            udp.sendto(action + transaction + struct.pack(">III", 60, 0, 1) + peer, asker)


def dht(peer: bytes) -> None:
    """A node that knows nobody, and of one peer (BEP 5)."""
    for question, asker, udp in _questions():
        say("query", question)
        start = question.index(b"1:t") + 3
        length, _, rest = question[start:].partition(b":")
        transaction = length + b":" + rest[: int(length)]
        values = b"6:valuesl6:" + peer + b"e" if b"get_peers" in question else b""
        udp.sendto(b"d1:rd2:id20:" + b"n" * 20 + b"5:nodes0:5:token1:x" + values + b"e1:t" + transaction + b"1:y1:re", asker)


def _questions() -> Iterator[tuple[bytes, tuple[str, int], socket.socket]]:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as udp:
        udp.bind((sys.argv[2], int(sys.argv[3])))
        say("ready")
        while True:
            question, asker = udp.recvfrom(2_048)
            yield question, asker, udp


def names() -> None:
    """Answers A questions for one name, and has nothing else."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as udp:
        udp.bind((sys.argv[2], DNS_PORT))
        say("ready")
        while True:
            question, asker = udp.recvfrom(512)
            end = question.index(0, 12) + 5
            labels, kind = question[12 : end - 4], question[end - 4 : end - 2]
            name = b".".join(
                labels[at + 1 : at + 1 + labels[at]] for at in _starts(labels)
            ).decode()
            say("asked", name, int.from_bytes(kind))
            known = name.lower() == sys.argv[3] and kind == b"\x00\x01"
            answer = b"\xc0\x0c\x00\x01\x00\x01\x00\x00\x00\x3c\x00\x04" + socket.inet_aton(sys.argv[4]) if known else b""
            header = question[:2] + b"\x81\x80\x00\x01" + (b"\x00\x01" if known else b"\x00\x00") + bytes(4)
            udp.sendto(header + question[12:end] + answer, asker)


def _starts(labels: bytes) -> list[int]:
    starts, at = [], 0
    while labels[at]:
        starts.append(at)
        at += 1 + labels[at]
    return starts


async def main() -> None:
    """Serve for ever."""
    if sys.argv[1] == "proxy":
        kind, host, port, *rest = sys.argv[2:]
        server = await asyncio.start_server(Proxy(kind, *rest).serve, host, int(port))
    else:
        server = await asyncio.start_server(tracker, sys.argv[2], int(sys.argv[3]))
    say("ready")
    async with server:
        await server.serve_forever()


if __name__ == "__main__":
    if sys.argv[1] == "names":
        names()
    elif sys.argv[1] in ("udp-tracker", "dht"):
        serve = udp_tracker if sys.argv[1] == "udp-tracker" else dht
        serve(socket.inet_aton(sys.argv[4]) + struct.pack(">H", int(sys.argv[5])))
    else:
        asyncio.run(main())
