# SPDX-License-Identifier: Apache-2.0
"""Magnet links: metadata from and to each client (BEP 9), and v2 piece layers (BEP 52)."""

from __future__ import annotations

from dataclasses import replace

from ..clients.kinds import KINDS
from ..content import MIB, folder, many
from ..registry import Registry
from ..torrents import VERSIONS
from .exchange import Exchange


def add_to(registry: Registry) -> None:
    """Declare the scenarios of this theme."""
    for kind in KINDS.values():
        for version in VERSIONS if kind.name == "libtorrent" else VERSIONS[:1]:
            base = Exchange(
                kind.name,
                content="small-folder",
                layout=folder(8 * MIB),
                version=version,
                piece_length=64 << 10,
                magnet=True,
            )
            registry.add(
                f"magnet.{kind.name}.fetch.{version}",
                "Ruche fetches the metadata",
                base,
                quick=kind.name == "libtorrent",
            )
            # aria2 leaves its peers between metadata and payload, and none would dial it again.
            serve = replace(base, ruche_seeds=True, ruche_is_dialled=kind.name == "aria2")
            registry.add(f"magnet.{kind.name}.serve.{version}", f"{kind.name} fetches the metadata from Ruche", serve)
    large = Exchange("libtorrent", content="many", layout=many(2000), piece_length=16 << 10, magnet=True)
    registry.add("magnet.libtorrent.fetch.large-metadata", "metadata of many 16 KiB parts", large)
    registry.add(
        "magnet.libtorrent.serve.large-metadata", "metadata of many 16 KiB parts", replace(large, ruche_seeds=True)
    )
