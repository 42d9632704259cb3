# SPDX-License-Identifier: Apache-2.0
"""One seed, one leecher, one of them Ruche: the exchange in most scenarios."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from ..arena import Arena
from ..clients.base import Client, Encryption, Endpoint, Running
from ..clients.file_share import FileShare
from ..clients.kinds import KINDS
from ..content import MIB, Layout, folder
from ..registry import Body
from ..torrents import Torrent, Version


@dataclass(frozen=True)
class Exchange:
    """The content, the client and the manner of an exchange."""

    other: str
    ruche_seeds: bool = False
    content: str = "folder"
    layout: Callable[[], Layout] = folder(24 * MIB)
    version: Version = "v1"
    piece_length: int = 256 << 10
    magnet: bool = False
    encryption: Encryption = "prefer"
    their_encryption: Encryption | None = None
    ruche_is_dialled: bool = False

    def __call__(self, arena: Arena) -> None:
        """Run it and compare what arrived."""
        torrent = arena.torrent(arena.content(self.content, self.layout), self.version, self.piece_length)
        ruche, other = FileShare(arena), KINDS[self.other](arena)
        if self.ruche_seeds:
            self._run(arena, torrent, seed=ruche, leecher=other, leecher_dials=self.ruche_is_dialled)
        else:
            self._run(arena, torrent, seed=other, leecher=ruche, leecher_dials=not self.ruche_is_dialled)

    def _run(self, arena: Arena, torrent: Torrent, seed: Client, leecher: Client, leecher_dials: bool) -> None:
        into = arena.subfolder("fetched")

        def start_seed(peers: Sequence[Endpoint] = ()) -> Running:
            return seed.seed(torrent, peers=peers, encryption=self._encryption_of(seed))

        def start_leecher(peers: Sequence[Endpoint] = ()) -> Running:
            encryption = self._encryption_of(leecher)
            return leecher.get(torrent, into, magnet=self.magnet, peers=peers, encryption=encryption)

        if leecher_dials:
            seeding = start_seed()
            seeding.wait_ready()
            with arena.timing(torrent.content.size):
                getting = start_leecher([seeding.endpoint])
                getting.wait_finished()
        else:
            getting = start_leecher()
            getting.wait_ready()
            with arena.timing(torrent.content.size):
                seeding = start_seed([getting.endpoint])
                getting.wait_finished()
        seeding.stop()
        getting.stop()
        leecher.check(torrent.content, into)

    def _encryption_of(self, client: Client) -> Encryption:
        return self.encryption if client.name == "ruche" else self.their_encryption or self.encryption


def both_ways(name: str, exchange: Exchange) -> list[tuple[str, Body]]:
    """The exchange with Ruche as the leecher, then as the seed; names such as `fetch.NAME`."""
    return [
        (f"fetch.{name}", replace(exchange, ruche_seeds=False)),
        (f"serve.{name}", replace(exchange, ruche_seeds=True)),
    ]
