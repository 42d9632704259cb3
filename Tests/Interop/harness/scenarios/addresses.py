# SPDX-License-Identifier: Apache-2.0
"""Attacks from one address on others: taking their places, or getting them blamed."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable
from functools import partial

from ..arena import Arena
from ..clients.base import Endpoint
from ..clients.file_share import FileShare, Libtorrent, RunningFileShare
from ..content import MIB, Layout, single
from ..registry import Registry
from ..torrents import Torrent, Version
from ..wire.crowding import PARTIAL_HANDSHAKE, Overwriter, PlaceTaker
from ..wire.messages import handshake
from ..wire.peer import Loop, OneFile

SESSION_PLACES = 500
"""`SwarmLimits.peersPerSession`."""
TORRENTS = 20
EACH = 25
WHOLE_HANDSHAKE = len(handshake(bytes(20)))


def add_to(registry: Registry) -> None:
    """Declare the scenarios."""
    for version in ("v1", "v2"):
        registry.add(
            f"blame.{version}",
            "a block wrong except for its last byte, while a good seed sends it too",
            partial(blame, version=version),
            150,
        )
    registry.add("places.partial", "600 partial handshakes from one address", partial(places, attack=_partial), 120)
    registry.add("places.idle", "25 idle handshakes to each of 20 torrents", partial(places, attack=_idle), 120)
    registry.add("places.reconnect", "an address reconnects all the time", partial(places, attack=_reconnect), 120)


def blame(arena: Arena, version: Version) -> None:
    """Libtorrent is the good seed; whatever the other one sends, it is not banned, and the download is correct."""
    content = arena.content("blame", single(4 * MIB))
    torrent = arena.torrent(content, version, 64 << 10)
    loop = Loop()
    arena.on_close(loop.close)
    attackers = [Overwriter(loop, arena.address(), OneFile(torrent)) for _ in range(2)]
    victim = Libtorrent(arena).seed(torrent, extra=["--limit-up", str(256 << 10)]).endpoint
    into = arena.subfolder("fetched")
    ruche = FileShare(arena).get(
        torrent,
        into,
        peers=[*(attacker.endpoint for attacker in attackers), victim],
        encryption="off",
        extra=["--log-level", "warning"],
    )
    ruche.wait_finished()
    content.check(into)
    log = ruche.process.stderr.read_text(errors="replace")
    arena.expect(f"banned {victim.host}" not in log, "the good seed was banned")
    blamed = [line for line in log.splitlines() if str(victim) in line and "poison" in line]
    arena.expect(not blamed, f"the good seed was blamed: {blamed[:3]}")
    taken = sum(attacker.served for attacker in attackers)
    arena.expect(taken > 0, "no peer was attacked")
    arena.notes.append(f"{taken >> 10} KiB of wrong blocks")


def places(arena: Arena, attack: Callable[[PlaceTaker, Endpoint, list[bytes]], Callable[[], bool]]) -> None:
    """One address takes all possible places; a newcomer at another is let in, and downloads."""
    torrents, ruche = _many_seeds(arena)
    target = ruche.endpoint
    loop = Loop()
    arena.on_close(loop.close)
    taker = PlaceTaker(loop, arena.address())
    hashes = [bytes.fromhex(torrent.announced_hashes[0]) for torrent in torrents]
    is_under_way = attack(taker, target, hashes)
    arena.wait_until(is_under_way, "the attack", ruche.process)
    into = arena.subfolder("fetched")
    started = time.monotonic()
    newcomer = Libtorrent(arena).get(torrents[0], into, peers=[target], encryption="off")
    connected = None
    while newcomer.lines.last("finished") is None:
        progress = newcomer.lines.last("progress")
        if connected is None and progress is not None and progress["done"] > 0:
            connected = time.monotonic() - started
        arena.expect(ruche.process.poll() is None, "Ruche has ended")
        arena.expect(time.monotonic() - started < 60, "the newcomer did not complete")
        time.sleep(0.02)
    arena.notes.append(f"first piece after {connected or 0:.1f} s, all after {time.monotonic() - started:.1f} s")
    arena.notes.append(f"{taker.opened} connections, {taker.held} held")
    torrents[0].content.check(into)
    ruche.stop()


def _one_file(name: str) -> Layout:
    return {name: MIB}


def _many_seeds(arena: Arena) -> tuple[list[Torrent], RunningFileShare]:
    contents = [arena.content(f"place-{n}", partial(_one_file, f"place {n}.bin")) for n in range(TORRENTS)]
    torrents = [arena.torrent(content, "v1", 64 << 10) for content in contents]
    folder = arena.subfolder("torrents")
    data = arena.subfolder("data")
    for number, torrent in enumerate(torrents):
        shutil.copy(torrent.path, folder / f"{number}.torrent")
        torrent.content.place(data)
    return torrents, FileShare(arena).seed_folder(folder, data)


def _partial(taker: PlaceTaker, target: Endpoint, hashes: list[bytes]) -> Callable[[], bool]:
    taker.hold(target, hashes[:1], 600, PARTIAL_HANDSHAKE)
    return lambda: taker.held >= SESSION_PLACES and taker.opened >= 600


def _idle(taker: PlaceTaker, target: Endpoint, hashes: list[bytes]) -> Callable[[], bool]:
    taker.hold(target, hashes, EACH, WHOLE_HANDSHAKE)
    return lambda: taker.held >= SESSION_PLACES * 9 // 10


def _reconnect(taker: PlaceTaker, target: Endpoint, hashes: list[bytes]) -> Callable[[], bool]:
    taker.hold(target, hashes, EACH, WHOLE_HANDSHAKE)
    taker.reconnect(target, hashes[0], 50)
    return lambda: taker.opened >= 3_000
