# SPDX-License-Identifier: Apache-2.0
"""Options of `file-share` that restrict whom it meets, and how."""

from __future__ import annotations

import asyncio
import os
import socket
import struct
from functools import partial
from pathlib import Path

import libtorrent as lt

from ..arena import Arena
from ..clients.base import Endpoint
from ..clients.file_share import FileShare, Libtorrent
from ..content import MIB, single
from ..registry import Registry
from ..wire.messages import Kind, handshake, read_handshake, read_message
from ..wire.peer import Loop, OneFile, RawPeer

FORMATS = {
    "dat": "{0} - {0} , 000 , a name, with a comma",
    "p2p": "Some: organisation-with, signs:{0}-{0}",
    "cidr": "{0}/32 # a host",
}
UTP_SYN = 0x41
UTP_SOCKET = lt.peer_info.i2p_socket << 1
"""A flag of libtorrent's `peer_info` that its Python binding does not name."""
SILENT_SECONDS = 2.0


def add_to(registry: Registry) -> None:
    """Declare the scenarios of this theme."""
    for name in FORMATS:
        run = partial(block, list_format=name)
        registry.add(f"options.block.{name}", f"addresses in a list ({name}) are not dialled and not accepted", run, 60)
    registry.add("options.block.bad", "malformed lines of a list are counted and reported once", malformed, 60)
    registry.add("options.pex", "peer exchange is offered, and not with --no-pex", exchange, 60)
    registry.add("options.no-tcp", "--no-tcp: a download over uTP alone, and no TCP port", without_tcp, 60)
    registry.add("options.no-utp", "--no-utp: packets of uTP are not answered; without TCP too, an error", without_utp, 60)


class Counter(RawPeer):
    """Counts the connections that it gets."""

    connections = 0

    async def meet(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Wait for the end."""
        self.connections += 1
        await reader.read()


def block(arena: Arena, list_format: str) -> None:
    """A blocked and another peer, to dial and to be dialled by."""
    torrent = arena.torrent(arena.content("options", single(MIB)))
    loop = Loop()
    arena.on_close(loop.close)
    blocked, other = (Counter(loop, arena.address()) for _ in range(2))
    host = blocked.endpoint.host
    padded = ".".join(f"{int(part):03}" for part in host.split("."))
    listed = write_list(arena, "# a list\n" + FORMATS[list_format].format(padded if list_format == "dat" else host))
    peers = [blocked.endpoint, other.endpoint]
    ruche = FileShare(arena).get(torrent, arena.subfolder("into"), peers=peers, extra=["--block", listed], seeds=True)
    target = ruche.endpoint
    arena.wait_until(lambda: other.connections > 0, "the allowed peer to be dialled", ruche.process)
    info_hash = bytes.fromhex(torrent.announced_hashes[0])
    arena.expect(answer_to(target, host, info_hash) == b"", "a blocked peer that connects is closed unread")
    arena.expect(answer_to(target, other.endpoint.host, info_hash)[:1] == b"\x13", "an allowed peer gets a handshake")
    arena.expect(blocked.connections == 0, "the blocked peer is not dialled")
    arena.expect("skipped" not in ruche.process.stderr.read_text(), "every line is understood")
    Libtorrent(arena).seed(torrent, peers=[target])
    ruche.wait_finished()
    ruche.stop()


def malformed(arena: Arena) -> None:
    """One complaint, and the rest of the list applies."""
    torrent = arena.torrent(arena.content("options", single(MIB)))
    listed = write_list(arena, "192.0.2.1\nnonsense\n192.0.2.300\n198.51.100.0/24\n")
    seed = FileShare(arena).seed(torrent, extra=["--block", listed])
    seed.wait_ready()
    said = [line for line in seed.process.stderr.read_text().splitlines() if "skipped" in line]
    arena.expect(len(said) == 1 and "2 lines skipped, the first is line 2" in said[0], f"it says once what is wrong: {said}")
    seed.stop()


def exchange(arena: Arena) -> None:
    """Read its extended handshake."""
    torrent = arena.torrent(arena.content("options", single(MIB)))
    loop = Loop()
    arena.on_close(loop.close)
    for extra, expected in ((), True), (("--no-pex",), False):
        seed = FileShare(arena).seed(torrent, encryption="off", extra=extra)
        names = loop.call(extension_names(seed.endpoint, OneFile(torrent)))
        arena.expect((b"ut_pex" in names) == expected, f"{extra}: {names}")
        arena.expect(b"ut_metadata" in names, f"other extensions are offered: {names}")
        seed.stop()


def without_tcp(arena: Arena) -> None:
    """A seed and a download of Ruche; libtorrent with both transports watches which one is used."""
    content = arena.content("options", single(MIB))
    torrent = arena.torrent(content)
    seed = FileShare(arena).seed(torrent, extra=["--no-tcp"])
    target = seed.endpoint
    with socket.socket() as tcp:
        arena.expect(tcp.connect_ex((target.host, target.port)) != 0, "nothing listens on TCP")
    into = arena.subfolder("fetched")
    FileShare(arena).get(torrent, into, peers=[target], extra=["--no-tcp"]).wait_finished()
    content.check(into)
    session = lt.session({"listen_interfaces": f"{arena.address()}:0", "enable_dht": False, "enable_lsd": False})
    arena.on_close(session.pause)
    parameters = lt.add_torrent_params()
    parameters.ti = lt.torrent_info(str(torrent.path))
    parameters.save_path = str(arena.placed(content))
    handle = session.add_torrent(parameters)
    arena.wait_until(lambda: handle.status().is_seeding, "libtorrent's check")
    peer = Endpoint(str(session.get_settings()["listen_interfaces"]).rsplit(":", 1)[0], session.listen_port())
    ruche = FileShare(arena).get(torrent, arena.subfolder("again"), peers=[peer], extra=["--no-tcp"], seeds=True)
    kinds: set[bool] = set()

    def is_done() -> bool:
        kinds.update(bool(info.flags & UTP_SOCKET) for info in handle.get_peer_info())
        return ruche.lines.last("finished") is not None

    arena.wait_until(is_done, "the download", ruche.process)
    arena.expect(kinds == {True}, f"libtorrent sees uTP only: {kinds}")
    ruche.stop()
    seed.stop()


def without_utp(arena: Arena) -> None:
    """A SYN, with and without the option."""
    torrent = arena.torrent(arena.content("options", single(MIB)))
    for option, expected in ("--utp", True), ("--no-utp", False):
        seed = FileShare(arena).seed(torrent, extra=[option])
        answered = is_answered(seed.endpoint)
        arena.expect(answered == expected, f"{option}: a SYN is answered: {answered}")
        seed.stop()
    command = [*FileShare(arena).command, "get", torrent.path, "-o", arena.subfolder("into"), "--no-tcp", "--no-utp"]
    refused = arena.start("neither", command)
    arena.wait_until(lambda: refused.poll() is not None, "the refusal")
    arena.expect(refused.poll() != 0 and "no way to reach" in refused.stderr.read_text(), "both options are an error")


async def extension_names(target: Endpoint, file: OneFile) -> set[bytes]:
    """The names in its extended handshake."""
    reader, writer = await asyncio.open_connection(target.host, target.port)
    writer.write(handshake(file.info_hash, extensions=True))
    await read_handshake(reader)
    try:
        while True:
            kind, payload = await read_message(reader)
            if kind == Kind.EXTENDED and payload[0] == 0:
                return set(lt.bdecode(payload[1:])[b"m"])
    finally:
        writer.close()


def answer_to(target: Endpoint, host: str, info_hash: bytes) -> bytes:
    """What a peer at `host` gets for its handshake before the connection ends, or that far."""
    with socket.create_connection((target.host, target.port), 10, source_address=(host, 0)) as peer:
        try:
            peer.sendall(handshake(info_hash))
            return peer.recv(68)
        except ConnectionError:
            return b""


def is_answered(target: Endpoint) -> bool:
    """Whether a SYN of uTP gets an answer."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as udp:
        udp.settimeout(SILENT_SECONDS)
        syn = struct.pack(">BBHIIIHH", UTP_SYN, 0, int.from_bytes(os.urandom(2)), 1, 0, 1 << 20, 1, 0)
        for _ in range(3):
            udp.sendto(syn, (target.host, target.port))
            try:
                udp.recv(100)
            except TimeoutError:
                continue
            return True
        return False


def write_list(arena: Arena, text: str) -> str:
    """A list of blocked addresses."""
    path: Path = arena.subfolder("list") / "list"
    path.write_text(text)
    return str(path)
