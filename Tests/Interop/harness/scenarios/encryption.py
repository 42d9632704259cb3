# SPDX-License-Identifier: Apache-2.0
"""Message stream encryption: plain, required, either side starting it."""

from __future__ import annotations

from dataclasses import replace

from ..clients.base import Encryption
from ..clients.kinds import KINDS
from ..content import MIB, folder
from ..registry import Registry
from .exchange import Exchange, both_ways

POLICIES: dict[Encryption, str] = {"off": "plain on both sides", "require": "encryption required on both sides"}


def add_to(registry: Registry) -> None:
    """Declare the scenarios of this theme."""
    for kind in KINDS.values():
        base = Exchange(kind.name, content="small-folder", layout=folder(8 * MIB))
        for policy, shows in POLICIES.items():
            exchange = replace(base, encryption=policy)
            for name, body in both_ways(f"{kind.name}.encryption-{policy}", exchange):
                registry.add(name, f"{shows}, Ruche dials", body, quick=policy == "require" and kind.can_dial)
            if kind.can_dial:
                dialled = replace(exchange, ruche_is_dialled=True)
                for name, body in both_ways(f"{kind.name}.encryption-{policy}.dialled", dialled):
                    registry.add(name, f"{shows}, {kind.name} dials", body)
        strict = replace(base, their_encryption="require")
        for name, body in both_ways(f"{kind.name}.encryption-theirs", strict):
            registry.add(name, f"{kind.name} requires encryption, which Ruche only prefers", body)
    header = Exchange("libtorrent", content="small-folder", layout=folder(8 * MIB), their_encryption="header")
    for name, body in both_ways("libtorrent.encryption-header", header):
        registry.add(name, "an encrypted handshake, then plain payload", body)
