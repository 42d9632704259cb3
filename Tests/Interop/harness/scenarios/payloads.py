# SPDX-License-Identifier: Apache-2.0
"""Demanding payloads: many files, a huge file, the smallest and the largest pieces."""

from __future__ import annotations

import shutil
from dataclasses import replace

from ..arena import Arena, ScenarioSkipped
from ..clients.file_share import FileShare, Libtorrent
from ..clients.kinds import KINDS
from ..content import MIB, TAME_NAMES, folder, many, single
from ..registry import Registry
from ..torrents import VERSIONS
from .exchange import Exchange, both_ways

HUGE = 4 << 30
PIECES = {"16KiB": 16 << 10, "16MiB": 16 << 20}


def add_to(registry: Registry) -> None:
    """Declare the scenarios of this theme."""
    for kind in KINDS.values():
        exchange = Exchange(kind.name, content="many", layout=many(2000), piece_length=64 << 10)
        if kind.name == "transmission":
            exchange = replace(exchange, content="many-tame", layout=many(2000, TAME_NAMES))
        for name, body in both_ways(f"{kind.name}.many-files", exchange):
            registry.add(name, "2,000 files: nested, empty, oddly named", body)
    for version in VERSIONS[1:]:
        exchange = Exchange("libtorrent", content="many", layout=many(2000), version=version, piece_length=64 << 10)
        for name, body in both_ways(f"libtorrent.many-files.{version}", exchange):
            registry.add(name, f"2,000 files as {version}, where every file has its own pieces", body)
    for label, length in PIECES.items():
        for version in VERSIONS[:2]:
            exchange = Exchange(
                "libtorrent", content="pieces", layout=folder(48 * MIB + 12345), version=version, piece_length=length
            )
            for name, body in both_ways(f"libtorrent.pieces-{label}.{version}", exchange):
                registry.add(name, f"{version} with pieces of {label}", body)
    registry.add("huge-file", "one file of 4 GiB from libtorrent and back to it", huge_file, 420, alone=True)


def huge_file(arena: Arena) -> None:
    """Offsets beyond 32 bits, in both directions."""
    if shutil.disk_usage(arena.folder).free < 3 * HUGE + (1 << 30):
        raise ScenarioSkipped("less than 13 GiB free")
    content = arena.content("huge", single(HUGE))
    torrent = arena.torrent(content, piece_length=4 << 20)
    seed = Libtorrent(arena).seed(torrent)
    middle, back = arena.subfolder("ruche"), arena.subfolder("back")
    with arena.timing(content.size):
        ruche = FileShare(arena).get(torrent, middle, peers=[seed.endpoint], seeds=True)
        ruche.wait_finished()
    seed.stop()
    with arena.timing(content.size):
        Libtorrent(arena).get(torrent, back, peers=[ruche.endpoint]).wait_finished()
    ruche.stop()
    content.check(middle)
    content.check(back)
