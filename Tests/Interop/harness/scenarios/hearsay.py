# SPDX-License-Identifier: Apache-2.0
"""What peers say about others and themselves: Ruche can neither be used as a weapon nor be blinded by it."""

from __future__ import annotations

import time

from ..arena import Arena
from ..clients.file_share import FileShare, Libtorrent
from ..content import MIB, single
from ..registry import Registry
from ..wire.hearsay import Teller, Victim
from ..wire.peer import Loop, OneFile

PORTS = 400
SECONDS = 60
DIALS_AT_ONCE = 4
DIALS_A_MINUTE = 10
"""For an address that only peers have named: `PeerListLimits.hearsayDialsAtOnce`, `hearsayDialInterval`."""
TELLERS = 4
CLAIM_SECONDS = 120
"""A claim is believed for a minute (`PeerListLimits.claimPatience`); a silent peer is dropped after 150 s."""


def add_to(registry: Registry) -> None:
    """Declare the scenarios."""
    registry.add("exchange.victim", "400 ports of a victim in peer exchange, to have it dialled", victim, 150)
    registry.add("exchange.neighbour", "the only seed's port, claimed by a peer at its address", neighbour, 240)


def victim(arena: Arena) -> None:
    """Four addresses name a hundred ports each; Ruche, which lacks everything, dials the victim at a slow pace."""
    torrent = arena.torrent(arena.content("victim", single(MIB)), "v1", 64 << 10)
    loop = Loop()
    arena.on_close(loop.close)
    host = Victim(loop, arena.address(), PORTS)
    share = PORTS // TELLERS
    file = OneFile(torrent)
    ruche = FileShare(arena).get(torrent, arena.subfolder("fetched"), encryption="off")
    tellers = [
        Teller(loop, arena.address(), file, 1, host.endpoints[number * share : (number + 1) * share])
        for number in range(TELLERS)
    ]
    for teller in tellers:
        teller.dial(ruche.endpoint)
    arena.wait_until(lambda: all(teller.told == share for teller in tellers), "the hearsay", ruche.process)
    told = host.dials
    arena.wait_seconds(lambda: ruche.process.poll() is not None, SECONDS)
    dials = host.dials - told
    arena.notes.append(f"{told} dials while it was named, {dials} in the {SECONDS} s after")
    arena.expect(told > 0, "the victim was never dialled: no peer was believed")
    arena.expect(dials <= DIALS_AT_ONCE + DIALS_A_MINUTE, f"the victim was dialled {dials} times in {SECONDS} s")
    ruche.stop()


def neighbour(arena: Arena) -> None:
    """The claim comes first and its owner stays; a peer elsewhere names the seed, which Ruche finally dials."""
    content = arena.content("neighbour", single(4 * MIB))
    torrent = arena.torrent(content, "v1", 64 << 10)
    loop = Loop()
    arena.on_close(loop.close)
    address = arena.address()
    file = OneFile(torrent)
    seed = Libtorrent(arena, address).seed(torrent).endpoint
    into = arena.subfolder("fetched")
    ruche = FileShare(arena).get(torrent, into, encryption="off")
    claimant = Teller(loop, address, file, seed.port)
    claimant.dial(ruche.endpoint)
    arena.wait_until(lambda: claimant.connections == 1, "the claim", ruche.process)
    arena.wait_seconds(lambda: False, 1)
    Teller(loop, arena.address(), file, 1, [seed]).dial(ruche.endpoint)
    started = time.monotonic()
    ruche.wait_finished()
    took = time.monotonic() - started
    content.check(into)
    arena.notes.append(f"downloaded {took:.0f} s after the seed was named")
    arena.expect(took < CLAIM_SECONDS, f"the claim kept the seed from being dialled for {took:.0f} s")
    arena.expect(claimant.connections == 1, "the claimant did not stay")
