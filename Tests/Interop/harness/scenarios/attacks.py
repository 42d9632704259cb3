# SPDX-License-Identifier: Apache-2.0
"""The scenarios of `hostile.py`: a download among hostile peers is correct, and uses little memory."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence

from ..arena import Arena, ScenarioSkipped
from ..clients.base import Endpoint
from ..clients.file_share import FileShare, Libtorrent, RunningFileShare
from ..content import MIB, single
from ..registry import Registry
from ..torrents import VERSIONS, Torrent, Version
from ..wire import hostile
from ..wire.hostile import Attacker
from ..wire.messages import Kind, full_bitfield
from ..wire.peer import Loop, OneFile

MEMORY_BOUND = 256 * MIB
"""The peak resident set that `file-share get` must not exceed, whatever its peers do."""
PAYLOAD = 24 * MIB
GOOD_SEED_RATE = 6 * MIB
"""Bytes per second of the one good seed, so that the attackers have time."""
NAMING_SECONDS = 40
"""How long after the download Ruche may take to name an offender: a slow one takes time."""
CROWD = 1000
CROWD_ADDRESSES = 10

LOG_OFFENDERS = ["--log-level", "warning"]
"""Notes that a peer has connected do not name an offender, so they are not counted."""
BEYOND_LIBTORRENT = {"poison.three"}
"""Attacks that libtorrent does not survive, so they cannot be tested with it in Ruche's place."""

MakeAttackers = Callable[[Loop, Callable[[], str], OneFile], Sequence[Attacker]]


def add_to(registry: Registry, judge_names: bool) -> None:
    """Declare the scenarios; without `judge_names`, when libtorrent plays Ruche, offenders need not be named."""

    def attack(
        name: str,
        shows: str,
        make: MakeAttackers,
        version: Version = "v1",
        *,
        magnet: bool = False,
        head_start: bool = False,
    ) -> None:
        def body(arena: Arena) -> None:
            if name in BEYOND_LIBTORRENT and not judge_names:
                raise ScenarioSkipped("libtorrent itself does not survive this")
            survive(arena, torrent_of(arena, version), make, magnet, head_start, judge_names)

        registry.add(name, shows, body, 150)

    def one(kind: type[Attacker], *arguments: object) -> MakeAttackers:
        return lambda loop, host, file: [kind(loop, host(), file, *arguments)]

    attack("garbage.first", "random bytes for a handshake", one(hostile.GarbageFirst))
    attack("garbage.after-handshake", "random bytes for messages", one(hostile.GarbageAfterHandshake))
    for label, length, kind in (
        ("4GiB", 0xFFFFFFFF, Kind.PIECE),
        ("2GiB", 0x7FFFFFFF, Kind.EXTENDED),
        ("16MiB-block", 16 << 20, Kind.PIECE),
        ("64MiB-bitfield", 64 << 20, Kind.BITFIELD),
        ("64MiB-unknown", 64 << 20, 77),
    ):
        attack(f"length.{label}", "a message longer than any valid one", one(hostile.OversizeLength, length, int(kind)))
    for label, make in _bitfields().items():
        attack(f"bitfield.{label}", "a bitfield that does not fit the torrent", make)
    attack("unrequested-blocks", "unrequested blocks", one(hostile.UnrequestedBlocks))
    for version in VERSIONS:
        attack(f"poison.{version}", "a full seed of corrupt blocks", one(hostile.Poisoner), version, head_start=True)
    attack("poison.three", "three such seeds and one good one", _three_poisoners, head_start=True)
    hashes = one(hostile.FalseHashes)
    attack("poison.hashes", "false hashes for a v2 magnet link", hashes, "v2", magnet=True, head_start=True)
    metadata = one(hostile.FalseMetadata, hostile.METADATA_OF_2_GB)
    attack("metadata.2GB", "metadata with a claimed size of 2 GB", metadata, magnet=True)
    attack("metadata.negative", "metadata with a negative size", one(hostile.FalseMetadata, -1), magnet=True)
    likely = one(hostile.FalseMetadata, 20_000)
    attack("metadata.false", "false metadata of a plausible size", likely, magnet=True, head_start=True)
    attack("have.flood", "endless `have` messages", one(hostile.HaveFlood))
    attack("have.beyond-end", "`have` of pieces that do not exist", one(hostile.HaveBeyondEnd))
    attack("slow.handshake", "a handshake at one byte per second", one(hostile.SlowHandshake))
    attack("slow.messages", "a block at one byte per second", one(hostile.SlowMessages), head_start=True)
    registry.add("crowd", f"{CROWD} connections at once", lambda arena: crowd(arena, judge_names), 150)


def _bitfields() -> dict[str, MakeAttackers]:
    def sized(spoil: Callable[[bytes], bytes]) -> MakeAttackers:
        return lambda loop, host, file: [hostile.WrongBitfield(loop, host(), file, spoil(full_bitfield(file.pieces)))]

    return {
        "short": sized(lambda bits: bits[:-1]),
        "long": sized(lambda bits: bits + b"\0"),
        "empty": sized(lambda bits: b""),
        "spare-bits": sized(lambda bits: bits[:-1] + b"\xff"),
    }


def _three_poisoners(loop: Loop, host: Callable[[], str], file: OneFile) -> Sequence[Attacker]:
    return [hostile.Poisoner(loop, host(), file) for _ in range(3)]


def survive(
    arena: Arena, torrent: Torrent, make: MakeAttackers, magnet: bool, head_start: bool, judge_names: bool
) -> None:
    """Connect with the attackers both ways, download from the good seed, name the offenders, use little memory.

    With a head start, the good seed joins only once each attack has started: those that wait for a request get one.
    """
    loop = Loop()
    arena.on_close(loop.close)
    attackers = make(loop, arena.address, OneFile(torrent))
    peers = [attacker.endpoint for attacker in attackers]
    if not head_start:
        peers.append(good_seed(arena, torrent).endpoint)
    into = arena.subfolder("fetched")
    ruche = FileShare(arena).get(
        torrent, into, magnet=magnet, peers=peers, encryption="off", seeds=True, extra=LOG_OFFENDERS
    )
    for attacker in attackers:
        attacker.dial(ruche.endpoint)
    if head_start:
        arena.wait_until(lambda: all(attacker.served for attacker in attackers), "the attack", ruche.process)
        good_seed(arena, torrent, [ruche.endpoint])

    def names() -> list[bool]:
        log = ruche.process.stderr.read_text(errors="replace")
        return [any(endpoint in log for endpoint in attacker.endpoints) for attacker in attackers]

    finish(arena, ruche, torrent, lambda: all(names()) or not judge_names)
    torrent.content.check(into)
    if sum(attacker.served for attacker in attackers):
        arena.notes.append(f"took {sum(attacker.served for attacker in attackers) / MIB:.1f} MiB")
    if judge_names:
        unnamed = [attacker for attacker, named in zip(attackers, names(), strict=True) if not named]
        endpoints = [sorted(attacker.endpoints) for attacker in unnamed]
        arena.expect(not unnamed, f"offenders that the log does not name: {endpoints}")


def crowd(arena: Arena, judge_names: bool) -> None:
    """A thousand peers that connect at once and stay; the refused ones may be named."""
    torrent = torrent_of(arena, "v1")
    loop = Loop()
    arena.on_close(loop.close)
    file = OneFile(torrent)
    members = [hostile.IdleConnection(loop, arena.address(), file) for _ in range(CROWD_ADDRESSES)]
    into = arena.subfolder("fetched")
    peers = [good_seed(arena, torrent).endpoint]
    ruche = FileShare(arena).get(torrent, into, peers=peers, encryption="off", seeds=True, extra=LOG_OFFENDERS)
    target = ruche.endpoint
    for number in range(CROWD):
        members[number % CROWD_ADDRESSES].dial(target)

    def is_named() -> bool:
        log = ruche.process.stderr.read_text(errors="replace")
        return any(member.endpoint.host in log for member in members)

    finish(arena, ruche, torrent, lambda: is_named() or not judge_names)
    torrent.content.check(into)
    connections = sum(len(member.endpoints) - 1 for member in members)
    arena.notes.append(f"{connections} connections made")
    arena.expect(connections >= CROWD * 9 // 10, f"only {connections} connections were made")
    arena.expect(is_named() or not judge_names, "the log names none of the crowd")


def good_seed(arena: Arena, torrent: Torrent, peers: Sequence[Endpoint] = ()) -> RunningFileShare:
    """The one good seed."""
    return Libtorrent(arena).seed(torrent, peers=peers, extra=["--limit-up", str(GOOD_SEED_RATE)])


def torrent_of(arena: Arena, version: Version) -> Torrent:
    """One file, with a number of pieces that is not a multiple of eight, so that its bitfield has spare bits."""
    content = arena.content("hostile", single(PAYLOAD + 3 * (64 << 10)))
    return arena.torrent(content, version, 64 << 10)


def finish(arena: Arena, ruche: RunningFileShare, torrent: Torrent, named: Callable[[], bool]) -> None:
    """Wait until the download is done and the offenders are named, and watch the memory; then Ctrl-C."""
    peak = 0

    def is_finished() -> bool:
        nonlocal peak
        peak = max(peak, ruche.process.peak_memory())
        return ruche.lines.last("finished") is not None

    with arena.timing(torrent.content.size):
        arena.wait_until(is_finished, "the download among hostile peers", ruche.process)
    until = time.monotonic() + NAMING_SECONDS
    arena.wait_until(lambda: named() or time.monotonic() > until, "the offenders' names", ruche.process)
    is_finished()
    ruche.stop()
    arena.notes.append(f"peak {peak / MIB:.0f} MiB")
    arena.expect(0 < peak <= MEMORY_BOUND, f"peak memory {peak / MIB:.0f} MiB is over {MEMORY_BOUND / MIB:.0f} MiB")
