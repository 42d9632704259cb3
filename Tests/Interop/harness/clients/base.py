# SPDX-License-Identifier: Apache-2.0
"""The face that every client shows to the scenarios."""

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
"""As `file-share --encryption`; `header`, an encrypted handshake before plain payload, is libtorrent's alone."""


@dataclass(frozen=True)
class Endpoint:
    """Where a peer listens."""

    host: str
    port: int

    def __str__(self) -> str:
        return f"{self.host}:{self.port}"


class Running(ABC):
    """A client that runs: it seeds, or downloads."""

    endpoint: Endpoint
    process: Process

    @abstractmethod
    def wait_ready(self) -> None:
        """Until it listens, and serves what it has if it seeds."""

    @abstractmethod
    def wait_finished(self) -> None:
        """Until all it wants is there and verified, by its own word."""

    @abstractmethod
    def stop(self) -> None:
        """End it as its user would."""


class Client(ABC):
    """A kind of client. `peers` are those it shall dial; `can_dial` tells whether it does that on loopback."""

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
        """Start a download into a folder, from the metainfo file or its magnet link; it goes on as a seed."""

    def check(self, content: Content, folder: Path) -> None:
        """What this client's download left behind is the content and nothing else."""
        content.check(folder)
