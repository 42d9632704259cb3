# SPDX-License-Identifier: Apache-2.0
"""`file-share`: Ruche itself, and with another command the libtorrent peer with the same command line."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

from ..arena import Arena
from ..processes import JsonLines, Process
from ..torrents import Torrent
from . import lt_peer
from .base import Client, Encryption, Endpoint, Running


class RunningFileShare(Running):
    """A running `seed` or `get`, observed through its JSON lines."""

    def __init__(self, arena: Arena, process: Process, host: str, seeds: bool) -> None:
        self.process = process
        self.lines = JsonLines(process.stdout)
        self._arena = arena
        self._seeds = seeds
        self._host = host

    @property
    def endpoint(self) -> Endpoint:  # type: ignore[override]
        """Where it listens, once it has reported that."""
        self._arena.wait_until(lambda: self.lines.last("listening") is not None, "listening", self.process)
        listening = self.lines.last("listening")
        assert listening is not None
        return Endpoint(self._host, int(listening["port"]))

    @property
    def done(self) -> int:
        """Verified bytes according to its last report."""
        progress = self.lines.last("progress")
        return int(progress["done"]) if progress else 0

    def wait_ready(self) -> None:
        """Wait until it listens: it answers peers from then on."""
        self._arena.expect(self.endpoint.port > 0, "it does not listen on any port")

    def wait_finished(self) -> None:
        """A seeding one reports it; another one ends, with status 0."""
        if self._seeds:
            self._arena.wait_until(lambda: self.lines.last("finished") is not None, "finished", self.process)
            return
        self._arena.wait_until(lambda: self.process.poll() is not None, "the end of the download")
        self._arena.expect(self.process.poll() == 0, f"status {self.process.poll()} after the download")
        self._arena.expect(self.lines.last("finished") is not None, "no 'finished' event")

    def stop(self) -> None:
        """End it with Ctrl-C; it must end by itself, and not through a signal."""
        status = self.process.stop()
        self._arena.expect(status in (0, 130), f"status {status} after an interrupt")


class FileShare(Client):
    """Ruche. Other options are passed as `extra`."""

    name = "ruche"

    def __init__(self, arena: Arena, host: str | None = None) -> None:
        super().__init__(arena)
        self._host = host or arena.address()

    @property
    def command(self) -> Sequence[str]:
        """The program with its leading arguments."""
        return self.arena.file_share

    def seed(
        self,
        torrent: Torrent,
        *,
        peers: Sequence[Endpoint] = (),
        encryption: Encryption = "prefer",
        tracker: str | None = None,
        extra: Sequence[str] = (),
    ) -> RunningFileShare:
        """`file-share seed`."""
        source = torrent.with_tracker(tracker, self.arena.subfolder("torrent")) if tracker else torrent.path
        arguments: list[str | Path] = ["seed", source, "--data", self.arena.placed(torrent.content)]
        return self._start(arguments, peers, encryption, extra, seeds=True)

    def seed_folder(self, folder: Path, data: Path, extra: Sequence[str] = ()) -> RunningFileShare:
        """`file-share seed` of every torrent in a folder, with a state folder."""
        state = self.arena.subfolder("state")
        arguments: list[str | Path] = ["seed", folder, "--data", data, "--state", state]
        return self._start(arguments, (), "off", extra, seeds=True)

    def get(
        self,
        torrent: Torrent | str | Path,
        into: Path,
        *,
        magnet: bool = False,
        peers: Sequence[Endpoint] = (),
        encryption: Encryption = "prefer",
        tracker: str | None = None,
        seeds: bool = False,
        extra: Sequence[str] = (),
    ) -> RunningFileShare:
        """`file-share get`, for a torrent or for an unchanged link or file; with `seeds` it then seeds."""
        source = self._source(torrent, magnet, tracker) if isinstance(torrent, Torrent) else torrent
        extra = [*extra, "--seed"] if seeds else extra
        return self._start(["get", source, "-o", into], peers, encryption, extra, seeds)

    def _source(self, torrent: Torrent, magnet: bool, tracker: str | None) -> str | Path:
        if magnet:
            return torrent.magnet(tracker)
        return torrent.with_tracker(tracker, self.arena.subfolder("torrent")) if tracker else torrent.path

    def _start(
        self,
        arguments: list[str | Path],
        peers: Sequence[Endpoint],
        encryption: Encryption,
        extra: Sequence[str],
        seeds: bool,
    ) -> RunningFileShare:
        command = [*self.command, *arguments, "--listen", f"{self._host}:0", "--encryption", encryption, "--json"]
        for peer in peers:
            command += ["--peer", str(peer)]
        process = self.arena.start(f"{self.name}-{arguments[0]}", [*command, *extra])
        return RunningFileShare(self.arena, process, self._host, seeds)


class Libtorrent(FileShare):
    """libtorrent, in a process of its own."""

    name = "libtorrent"

    @property
    def command(self) -> Sequence[str]:
        """The peer script, run by the same Python."""
        return [sys.executable, lt_peer.__file__]
