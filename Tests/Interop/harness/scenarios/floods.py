# SPDX-License-Identifier: Apache-2.0
"""Crowds that request everything and never read: memory stays within the formula of docs/THREATS.md."""

from __future__ import annotations

import threading
from collections.abc import Sequence

from ..arena import Arena
from ..clients.base import Endpoint
from ..clients.file_share import FileShare, RunningFileShare
from ..content import MIB, single
from ..registry import Registry
from ..torrents import Torrent, Version
from ..wire.floods import Flooder, LateNamed, everything, metadata_requests
from ..wire.peer import OneFile

PIECE_LENGTH = 16 << 10
PAYLOAD = 24 * MIB
"""1,536 pieces: the metadata has two parts."""
BYTES_PER_PEER = 640 << 10
"""The maximum cost of one hostile peer by docs/THREATS.md."""
BYTES_AT_ALL = 48 * MIB
"""The maximum additional cost of all of them together: blocks being sent, for each event loop."""
METADATA_REQUESTS = 4_000
PERSISTENCE_SECONDS = 15
"""How long the crowd persists, reconnecting whenever it is disconnected."""


def add_to(registry: Registry) -> None:
    """Declare the scenarios."""
    registry.add(
        "flood.metadata",
        f"60 connections from two addresses with {METADATA_REQUESTS} metadata requests each, never read",
        lambda arena: flood(arena, "v1", connections=60, addresses=2, burst=metadata_requests(METADATA_REQUESTS)),
        150,
    )
    registry.add(
        "flood.everything",
        "500 connections from 20 addresses that request everything and never read",
        lambda arena: flood(arena, "hybrid", connections=500, addresses=20, burst=None),
        200,
    )
    registry.add("handshake.late-id", "a peer that sends its id only after our answer", late_id, 60)


def flood(arena: Arena, version: Version, connections: int, addresses: int, burst: bytes | None) -> None:
    """A seed among peers that send requests and do not read; then an honest peer joins."""
    torrent = arena.torrent(arena.content("flood", single(PAYLOAD)), version, PIECE_LENGTH)
    seed = FileShare(arena).seed(
        torrent, encryption="off", extra=["--max-peers", str(connections + 100), "--log-level", "warning"]
    )
    target = seed.endpoint
    quiet = seed.process.peak_memory()
    hosts = [arena.address() for _ in range(addresses)]
    bursts = burst or everything(OneFile(torrent))
    flooders = [
        Flooder(hosts[number % addresses], target, OneFile(torrent).info_hash, bursts, PERSISTENCE_SECONDS)
        for number in range(connections)
    ]
    run_all(arena, seed, flooders)
    sent = sum(flooder.sent for flooder in flooders)
    met = sum(flooder.met for flooder in flooders)
    peak = seed.process.peak_memory()
    bound = quiet + connections * BYTES_PER_PEER + BYTES_AT_ALL
    arena.notes.append(f"{met} connections, {sent / MIB:.1f} MiB sent, peak {peak / MIB:.0f} of {bound / MIB:.0f} MiB")
    arena.expect(met >= connections * 9 // 10, f"only {met} connections were answered")
    arena.expect(0 < peak <= bound, f"peak memory {peak / MIB:.0f} MiB is over {bound / MIB:.0f} MiB")
    fetch(arena, torrent, target)


def run_all(arena: Arena, seed: RunningFileShare, flooders: Sequence[Flooder]) -> None:
    """Run all of them at once, to their end."""
    threads = [threading.Thread(target=flooder.run, daemon=True) for flooder in flooders]
    for thread in threads:
        thread.start()
    arena.wait_until(lambda: not any(thread.is_alive() for thread in threads), "the flood's end", seed.process)


def fetch(arena: Arena, torrent: Torrent, target: Endpoint) -> None:
    """An honest peer downloads everything, metadata first."""
    into = arena.subfolder("fetched")
    honest = FileShare(arena).get(torrent, into, magnet=True, peers=[target], encryption="off")
    honest.wait_finished()
    torrent.content.check(into)


def late_id(arena: Arena) -> None:
    """The peer id is the last of a handshake's 68 bytes; some send it only after our answer."""
    torrent = arena.torrent(arena.content("flood", single(PAYLOAD)), "v1", PIECE_LENGTH)
    seed = FileShare(arena).seed(torrent, encryption="off")
    answer, first = LateNamed(arena.address(), seed.endpoint, OneFile(torrent).info_hash).meet()
    arena.expect(answer == OneFile(torrent).info_hash, "another info-hash in the answer")
    arena.expect(len(first) > 0, "no message after the handshake")
