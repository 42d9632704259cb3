# SPDX-License-Identifier: Apache-2.0
"""The environment of one scenario: its folder, loopback addresses, child processes and deadline."""

from __future__ import annotations

import itertools
import os
import shutil
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from .content import Content, Layout, Library
from .processes import Process
from .torrents import Torrent, TorrentPress, Version

POLL_SECONDS = 0.02


class ScenarioFailed(AssertionError):
    """A scenario's expectation did not hold."""


class ScenarioSkipped(Exception):
    """A scenario cannot run here; the message says why."""


class Arena:
    """The environment of a scenario. The runner closes it, which ends everything that it started."""

    _numbers = itertools.count(1)

    def __init__(
        self, folder: Path, file_share: Sequence[str], library: Library, press: TorrentPress, timeout_seconds: float
    ) -> None:
        self.folder = folder
        self.file_share = file_share
        self.moved_bytes = 0
        self.moved_seconds = 0.0
        self.notes: list[str] = []
        self.processes: list[Process] = []
        self._library = library
        self._press = press
        self._deadline = time.monotonic() + timeout_seconds
        self._closers: list[Callable[[], None]] = []
        self._names = itertools.count(1)
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)

    def content(self, name: str, layout: Callable[[], Layout]) -> Content:
        """Payload shared by all scenarios that ask for the same name."""
        return self._library.get(name, layout)

    def torrent(self, content: Content, version: Version = "v1", piece_length: int = 256 << 10) -> Torrent:
        """Metainfo of a content, shared in the same way."""
        return self._press.get(content, version, piece_length)

    def subfolder(self, name: str) -> Path:
        """A new, empty folder of this scenario."""
        path = self.folder / f"{next(self._names)}-{name}"
        path.mkdir()
        return path

    def placed(self, content: Content) -> Path:
        """A folder with this content, for one seed."""
        return content.place(self.subfolder("seeded"))

    def address(self) -> str:
        """An unused loopback address: clients dislike several peers at one address."""
        number = next(Arena._numbers)
        return f"127.{16 + os.getpid() % 200}.{number // 250}.{number % 250 + 2}"

    def start(self, name: str, command: Sequence[str | Path]) -> Process:
        """Start a child; its logs are kept under the scenario's folder."""
        process = Process(f"{next(self._names)}-{name}", command, self.folder)
        self.processes.append(process)
        return process

    def on_close(self, closer: Callable[[], None]) -> None:
        """End something together with the scenario."""
        self._closers.append(closer)

    def wait_until(self, condition: Callable[[], bool], what: str, alive: Process | None = None) -> None:
        """Poll until the condition holds; fails at the deadline, or as soon as the child it depends on ends."""
        while not condition():
            if alive is not None and alive.poll() is not None:
                if condition():
                    return
                raise ScenarioFailed(f"{alive.name} ended with status {alive.poll()} before {what}")
            if time.monotonic() > self._deadline:
                raise ScenarioFailed(f"out of time waiting for {what}")
            time.sleep(POLL_SECONDS)

    def wait_seconds(self, condition: Callable[[], bool], seconds: float) -> bool:
        """Poll for something that should not happen; whether it did."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            if condition():
                return True
            time.sleep(POLL_SECONDS)
        return condition()

    @contextmanager
    def timing(self, moved_bytes: int) -> Iterator[None]:
        """Measure the block as the transfer of `size` bytes."""
        started = time.monotonic()
        yield
        self.moved_seconds += time.monotonic() - started
        self.moved_bytes += moved_bytes

    def expect(self, holds: bool, what: str) -> None:
        """Fail unless this holds."""
        if not holds:
            raise ScenarioFailed(what)

    def close(self) -> None:
        """End every child and helper."""
        for process in reversed(self.processes):
            process.kill()
        for closer in reversed(self._closers):
            closer()

    def discard(self) -> None:
        """Remove the scenario's files, logs included."""
        shutil.rmtree(self.folder, ignore_errors=True)
