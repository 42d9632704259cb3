# SPDX-License-Identifier: Apache-2.0
"""Crowds that accept requests and send nothing: they delay a download for seconds, not for minutes."""

from __future__ import annotations

import time
from functools import partial

from ..arena import Arena
from ..clients.file_share import FileShare, Libtorrent
from ..content import MIB, single
from ..registry import Registry
from ..wire.peer import Loop, OneFile
from ..wire.silence import Silent, SilentOwner

CROWD = 60
OWNERS = 32
PAYLOAD = 24 * MIB
GOOD_SEED_RATE = 8 * MIB
MOST_SECONDS = 30
"""From the good seed's start to the end of the download, which takes it three seconds and a choke round."""


def add_to(registry: Registry) -> None:
    """Declare the scenarios."""
    for addresses in (1, 20):
        registry.add(
            f"silent.{addresses}",
            f"{CROWD} silent seeds at {addresses} address{'es' if addresses > 1 else ''}, and a good one",
            partial(silent, addresses=addresses),
            240,
        )
    for addresses in (1, 12):
        shows = f"{OWNERS} peers at {addresses} address{'es' if addresses > 1 else ''} offer metadata and send none"
        registry.add(f"metadata.silent.{addresses}", shows, partial(owners, addresses=addresses, lies=False), 240)
        shows += ", after one wrong part"
        registry.add(f"metadata.owners.{addresses}", shows, partial(owners, addresses=addresses, lies=True), 240)


def owners(arena: Arena, addresses: int, lies: bool) -> None:
    """The metadata soon comes from a good seed that joins last."""
    torrent = arena.torrent(arena.content("silence", single(PAYLOAD)), "v1", 16 << 10)
    loop = Loop()
    arena.on_close(loop.close)
    file = OneFile(torrent)
    crowd = [SilentOwner(loop, arena.address(), file, lies and number == 0) for number in range(addresses)]
    into = arena.subfolder("fetched")
    ruche = FileShare(arena).get(torrent, into, magnet=True, encryption="off", seeds=True)
    target = ruche.endpoint
    for number in range(OWNERS):
        crowd[number % addresses].dial(target)
    arena.wait_until(lambda: any(peer.served for peer in crowd), "the crowd to be asked", ruche.process)
    started = time.monotonic()
    Libtorrent(arena).seed(torrent, peers=[target])
    ruche.wait_finished()
    took = time.monotonic() - started
    arena.notes.append(f"{took:.1f} s; {sum(peer.served for peer in crowd)} unanswered requests")
    arena.expect(took < MOST_SECONDS, f"the download took {took:.0f} s")
    ruche.stop()
    torrent.content.check(into)


def silent(arena: Arena, addresses: int) -> None:
    """The crowd has been asked before the good seed joins, and reconnects whenever it is disconnected."""
    torrent = arena.torrent(arena.content("silence", single(PAYLOAD)), "v1", 256 << 10)
    loop = Loop()
    arena.on_close(loop.close)
    crowd = [Silent(loop, arena.address(), OneFile(torrent)) for _ in range(addresses)]
    into = arena.subfolder("fetched")
    ruche = FileShare(arena).get(torrent, into, encryption="off", seeds=True)
    target = ruche.endpoint
    for number in range(CROWD):
        crowd[number % addresses].dial(target)
    arena.wait_until(lambda: sum(peer.served for peer in crowd) >= CROWD, "the crowd to be asked", ruche.process)
    started = time.monotonic()
    Libtorrent(arena).seed(torrent, peers=[target], extra=["--limit-up", str(GOOD_SEED_RATE)])
    with arena.timing(torrent.content.size):
        ruche.wait_finished()
    took = time.monotonic() - started
    arena.notes.append(f"{took:.1f} s; {sum(peer.served for peer in crowd)} unanswered requests")
    arena.expect(took < MOST_SECONDS, f"the download took {took:.0f} s")
    ruche.stop()
    torrent.content.check(into)
