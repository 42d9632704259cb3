# SPDX-License-Identifier: Apache-2.0
"""The interface of every client to the scenarios."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from ..arena import Arena
from ..content import Content
from ..processes import Process
from ..torrents import Torrent

Encryption = Literal["prefer", "require", "off", "header"]
"""As `file-share --encryption`; `header`, an encrypted handshake before plain payload, is for libtorrent only."""


@dataclass(frozen=True)
class Endpoint:
    """Where a peer listens."""

    host: str
    port: int

    def __str__(self) -> str:
        return f"{self.host}:{self.port}"


class Running(ABC):
    """A running client: it seeds, or downloads."""

    endpoint: Endpoint
    process: Process

    @abstractmethod
    def wait_ready(self) -> None:
        """Wait until it listens, and if it seeds, until it serves its data."""

    @abstractmethod
    def wait_finished(self) -> None:
        """Wait until it reports everything wanted complete and verified."""

    @abstractmethod
    def stop(self) -> None:
        """End it like a user."""


class Client(ABC):
    """A kind of client. `peers` are those to dial; `can_dial` tells whether it does so on loopback."""

    name: str
    can_dial = True

    def __init__(self, arena: Arena) -> None:
        self.arena = arena

    @abstractmethod
    def seed(
        self,
        torrent: Torrent,
        *,
        peers: Sequence[Endpoint] = (),
        encryption: Encryption = "prefer",
        tracker: str | None = None,
    ) -> Running:
        """Start seeding the torrent's content, from a folder of its own."""

    @abstractmethod
    def get(
        self,
        torrent: Torrent,
        into: Path,
        *,
        magnet: bool = False,
        peers: Sequence[Endpoint] = (),
        encryption: Encryption = "prefer",
        tracker: str | None = None,
    ) -> Running:
        """Start a download into a folder, from the metainfo file or its magnet link; it then seeds."""

    def check(self, content: Content, folder: Path) -> None:
        """Check that this client's download has left only the content."""
        content.check(folder)
