# SPDX-License-Identifier: Apache-2.0
"""Peers that promise everything, and send nothing."""

from __future__ import annotations

import asyncio

from .hostile import AttackerWhoReads, MetadataServer
from .messages import Kind
from .peer import Loop, OneFile


class Silent(AttackerWhoReads):
    """An alleged seed that accepts requests and answers none. `served` counts them."""

    async def attack(self, writer: asyncio.StreamWriter) -> None:
        """Attract requests."""
        await self.pretend_to_seed(writer)

    async def answer(self, writer: asyncio.StreamWriter, kind: int, payload: bytes) -> None:
        """Ignore it."""
        if kind == Kind.REQUEST:
            self.served += 1


class SilentOwner(MetadataServer):
    """Claims to have the metadata, and sends none of it, except for one wrong part if it `lies`.

    The wrong part ruins metadata from several peers, so that each must send all of it.
    """

    def __init__(self, loop: Loop, host: str, file: OneFile, lies: bool) -> None:
        self._may_lie = lies
        super().__init__(loop, host, file, len(file.info_dictionary))

    async def answer(self, writer: asyncio.StreamWriter, kind: int, payload: bytes) -> None:
        """The first request for a part may be answered; the others are counted."""
        is_request = kind == Kind.EXTENDED and b"8:msg_typei0e" in payload
        if not is_request or self._may_lie:
            await super().answer(writer, kind, payload)
        if is_request:
            self._may_lie = False
            self.served += 1

    def part(self, start: int, length: int) -> bytes:
        """Return random bytes."""
        return self.random.randbytes(length)
