# SPDX-License-Identifier: Apache-2.0
"""What a recording seed saw of a download that was killed repeatedly, and what follows."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from functools import cached_property

from .wire.messages import LARGEST_BLOCK
from .wire.peer import OneFile
from .wire.recording_seed import Visit


@dataclass(frozen=True)
class Life:
    """One run of the download, from its start to its kill."""

    visits: list[Visit]
    ended_at: float
    done: int
    """Verified bytes according to its last report."""

    @cached_property
    def claimed(self) -> set[int]:
        """Pieces from earlier lives."""
        return set().union(*(visit.claimed for visit in self.visits))

    @cached_property
    def announced(self) -> set[int]:
        """Pieces that it announced as new."""
        return set().union(*(visit.announced for visit in self.visits))

    @cached_property
    def blocks(self) -> dict[int, dict[int, float]]:
        """When each block was sent to it, by piece and offset."""
        blocks: dict[int, dict[int, float]] = defaultdict(dict)
        for visit in self.visits:
            for (piece, begin), sent_at in visit.sent.items():
                blocks[piece][begin] = sent_at
        return blocks

    @property
    def sent_bytes(self) -> int:
        """Payload sent to it."""
        return sum(visit.sent_bytes for visit in self.visits)


@dataclass(frozen=True)
class Loss:
    """The cost of one kill: the pieces with downloaded blocks that are missing in the next life."""

    pieces: set[int]
    bytes: int
    forgotten: set[int]
    """Pieces that were claimed or announced before the kill, and not after it."""
    settled: dict[int, float]
    """Lost pieces that had been sent completely, with the seconds between their last block and the kill."""
    unreported_bytes: int
    """Bytes reported as done before the kill, beyond what was claimed after it."""


def fetched_again(lives: list[Life], trust_announced: bool) -> dict[int, set[int]]:
    """By life: pieces downloaded although that life or an earlier one had claimed (or announced, if trusted) them."""
    again: dict[int, set[int]] = {}
    known: set[int] = set()
    for number, life in enumerate(lives):
        known |= life.claimed
        if twice := known & set(life.blocks):
            again[number] = twice
        if trust_announced:
            known |= life.announced
    return again


def loss_between(life: Life, following: Life, file: OneFile) -> Loss:
    """Compare what a life was sent with what the next one has."""
    lost = set(life.blocks) - following.claimed
    settled = {
        piece: life.ended_at - max(life.blocks[piece].values())
        for piece in lost
        if len(life.blocks[piece]) == -(-file.length_of(piece) // LARGEST_BLOCK)
    }
    kept_bytes = sum(file.length_of(piece) for piece in following.claimed)
    return Loss(
        pieces=lost,
        bytes=sum(min(LARGEST_BLOCK, file.length_of(piece) - begin) for piece in lost for begin in life.blocks[piece]),
        forgotten=(life.claimed | life.announced) - following.claimed,
        settled=settled,
        unreported_bytes=max(0, life.done - kept_bytes),
    )
