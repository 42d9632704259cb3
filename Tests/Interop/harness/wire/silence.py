# SPDX-License-Identifier: Apache-2.0
"""Peers that promise, and give nothing."""

from __future__ import annotations

import asyncio

from .hostile import AttackerWhoReads
from .messages import Kind


class Silent(AttackerWhoReads):
    """A seed by its word that takes requests and answers none. `served` counts them."""

    async def attack(self, writer: asyncio.StreamWriter) -> None:
        """Attract requests."""
        await self.pretend_to_seed(writer)

    async def answer(self, writer: asyncio.StreamWriter, kind: int, payload: bytes) -> None:
        """Nothing comes of it."""
        if kind == Kind.REQUEST:
            self.served += 1
