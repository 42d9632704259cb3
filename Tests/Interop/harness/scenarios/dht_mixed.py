# SPDX-License-Identifier: Apache-2.0
"""A DHT of thirty nodes of four implementations: Ruche, libtorrent, transmission and, if it is installed, btdht."""

from __future__ import annotations

import hashlib
import importlib.util
import sys
from pathlib import Path

import libtorrent as lt

from ..arena import Arena
from ..clients import lt_dht
from ..clients.file_share import FileShare
from ..clients.transmission import RunningTransmission, Transmission
from ..content import MIB, single
from ..namespaces import private_network
from ..processes import Process
from ..registry import Registry
from ..torrents import Torrent
from .dht import Network, immutable, mutable, peers

BTDHT = Path(lt_dht.__file__).with_name("bt_dht.py")
NETWORK = "10.77.5"
"""Addresses of their own: transmission believes in no node on loopback, and btdht reads no address with a zero."""


def add_to(registry: Registry) -> None:
    """Declare the scenarios of this theme."""
    registry.add("dht.mixed", "thirty nodes of Ruche, libtorrent, transmission and btdht find each other's", mixed, 600)


def mixed(arena: Arena) -> None:
    """Peers are found across implementations, and items go both ways between the two that have them."""
    with private_network(arena, NETWORK, 250):
        btdht = importlib.util.find_spec("btdht") is not None
        if not btdht:
            arena.notes.append("btdht is not installed: three implementations")
        network = Network(arena, theirs=15 if btdht else 16, ours=10 if btdht else 11)
        first, second = (arena.torrent(arena.content(name, single(size))) for name, size in (("a", MIB), ("b", 2 * MIB)))
        writer = Transmission(arena, bootstrap=network.bootstrap)
        seed = writer.seed(first)
        others = [Transmission(arena, bootstrap=network.bootstrap).idle() for _ in range(2)]
        if btdht:
            theirs(arena, network)
        peers(arena, network)
        immutable(arena, network)
        mutable(arena, network)
        transmission(arena, network, first, second, seed, others[0])


def theirs(arena: Arena, network: Network) -> None:
    """btdht finds what Ruche and libtorrent announce. It announces with 20 bytes of a token, however long that is, so the
    others refuse what it announces."""
    hashes = {name: hashlib.sha1(name.encode()).hexdigest() for name in ("ruche", "libtorrent")}
    network.ask("announce", hashes["ruche"], "--port", "1001")
    writer = network.theirs[4]
    writer.session.dht_announce(lt.sha1_hash(bytes.fromhex(hashes["libtorrent"])), 1002, 0)
    reader = start_btdht(arena, network, *hashes.values())
    start_btdht(arena, network)
    found = lines(arena, reader, "found", 2)
    arena.expect(found[0].endswith(":1001") and found[1].endswith(":1002"), f"btdht finds {found}")


def transmission(
    arena: Arena,
    network: Network,
    first: Torrent,
    second: Torrent,
    seed: RunningTransmission,
    reader: RunningTransmission,
) -> None:
    """A bare magnet link is downloaded from transmission, and by transmission, by means of the DHT alone."""
    seed.wait_ready()
    extra = ["--dht-bootstrap", network.bootstrap]
    into = arena.subfolder("fetched")
    ours = FileShare(arena)
    ours.get(first, into, magnet=True, extra=extra).wait_finished()
    ours.check(first.content, into)
    FileShare(arena).seed(second, extra=extra).wait_ready()
    into = arena.subfolder("fetched-by-transmission")
    reader.add(second.magnet(), into)
    reader.wait_finished()
    second.content.check(into)


def start_btdht(arena: Arena, network: Network, *hashes: str) -> Process:
    """Run a node of btdht that looks for peers."""
    command: list[str | Path] = [sys.executable, BTDHT, arena.address(), network.bootstrap, *hashes]
    return arena.start("btdht", command)


def lines(arena: Arena, process: Process, word: str, count: int) -> list[str]:
    """Wait for lines that begin with a word; returns them."""

    def found() -> list[str]:
        return [line for line in process.stdout.read_text().splitlines() if line.startswith(word)]

    arena.wait_until(lambda: len(found()) >= count, f"btdht: {word}", process)
    return found()
