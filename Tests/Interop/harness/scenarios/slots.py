# SPDX-License-Identifier: Apache-2.0
"""Crowds at few addresses that hold a seed's upload slots: a leecher elsewhere waits for seconds, not for minutes."""

from __future__ import annotations

import time
from functools import partial

from ..arena import Arena
from ..clients.file_share import FileShare, Libtorrent
from ..content import MIB, single
from ..registry import Registry
from ..wire.peer import Loop
from ..wire.slots import SlotTaker

PAYLOAD = 8 * MIB
SLOTS = 8
"""Upload slots of a seed at a low rate."""
EVERYONE_HAD_A_TURN_SECONDS = 75


def add_to(registry: Registry) -> None:
    """Declare the scenarios."""
    registry.add(
        "slots.1",
        "150 repeated connections from one address, and a leecher",
        partial(slots, addresses=1, each=150, most_seconds=15),
        300,
    )
    registry.add(
        "slots.20",
        "24 repeated connections from each of 20 addresses, and a leecher",
        partial(slots, addresses=20, each=24, most_seconds=40),
        300,
    )


def slots(arena: Arena, addresses: int, each: int, most_seconds: float) -> None:
    """The crowd has all slots, and each address has had one, before the leecher joins."""
    torrent = arena.torrent(arena.content("slots", single(PAYLOAD)), "v1", 64 << 10)
    loop = Loop()
    arena.on_close(loop.close)
    ruche = FileShare(arena).seed(torrent, encryption="off")
    target = ruche.endpoint
    takers = [SlotTaker(loop, arena.address()) for _ in range(addresses)]
    for taker in takers:
        taker.crowd(target, bytes.fromhex(torrent.announced_hashes[0]), each)
    arena.wait_until(lambda: sum(taker.held for taker in takers) >= SLOTS, "the slots to be taken", ruche.process)
    arena.wait_seconds(lambda: all(taker.turns for taker in takers), EVERYONE_HAD_A_TURN_SECONDS)
    into = arena.subfolder("fetched")
    started = time.monotonic()
    leecher = Libtorrent(arena).get(torrent, into, peers=[target], encryption="off")
    while leecher.lines.last("finished") is None:
        arena.expect(ruche.process.poll() is None, "Ruche has ended")
        arena.expect(time.monotonic() - started < most_seconds, f"the leecher has waited for {most_seconds:.0f} s")
        time.sleep(0.02)
    arena.notes.append(f"all after {time.monotonic() - started:.1f} s")
    arena.notes.append(f"{sum(taker.opened for taker in takers)} connections, {sum(t.turns for t in takers)} turns")
    torrent.content.check(into)
    ruche.stop()
