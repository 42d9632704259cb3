# SPDX-License-Identifier: Apache-2.0
"""Plain transfers: every client, every torrent version, both directions, dialling and being dialled."""

from __future__ import annotations

from dataclasses import replace

from ..clients.kinds import KINDS
from ..content import MIB, single
from ..registry import Registry
from ..torrents import VERSIONS
from .exchange import Exchange, both_ways


def add_to(registry: Registry) -> None:
    """Declare the scenarios of this theme."""
    for kind in KINDS.values():
        for name, body in both_ways(f"{kind.name}.v1", Exchange(kind.name)):
            registry.add(name, f"a v1 folder, Ruche dials {kind.name}", body, quick=True)
        one_file = Exchange(kind.name, content="single", layout=single(16 * MIB + 4321))
        for name, body in both_ways(f"{kind.name}.single-file", one_file):
            registry.add(name, "a torrent of one file, with a short last block", body)
        if kind.can_dial:
            for name, body in both_ways(f"{kind.name}.dialled", Exchange(kind.name, ruche_is_dialled=True)):
                registry.add(name, f"{kind.name} dials Ruche", body)
    for version in VERSIONS[1:]:
        exchange = Exchange("libtorrent", version=version)
        for name, body in both_ways(f"libtorrent.{version}", exchange):
            registry.add(name, f"a {version} folder", body, quick=True)
        one_file = replace(exchange, content="single", layout=single(16 * MIB + 4321))
        for name, body in both_ways(f"libtorrent.{version}.single-file", one_file):
            registry.add(name, f"a {version} torrent of one file", body)
