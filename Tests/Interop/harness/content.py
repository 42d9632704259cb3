# SPDX-License-Identifier: Apache-2.0
"""Payload: created quickly from a seed, hashed meanwhile, compared file by file."""

from __future__ import annotations

import hashlib
import os
import random
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

MIB = 1 << 20
STAMP_EVERY = 16 << 10
"""Each block of this size starts with its own counter, so no two blocks of a file are the same."""

RESUME_FOLDER = ".ruche"
"""Where `file-share get` keeps its resume state, below the output folder."""

Layout = dict[str, int]
"""File sizes in bytes by path, the torrent's name first."""


class ContentDiffers(AssertionError):
    """The downloaded files are not those that were seeded."""


@dataclass(frozen=True)
class Content:
    """Files below `folder`, whose top entry is `name`, with their SHA-256."""

    folder: Path
    name: str
    digests: dict[str, str]
    size: int

    def check(self, folder: Path) -> None:
        """Compare what is under `folder` with this content, byte for byte.

        Raises `ContentDiffers` for a missing or wrong file, and for one that does not belong to the content (`.part`).
        """
        self.check_files(folder, self.digests)
        surplus = set(files_below(folder)) - set(self.digests)
        if surplus:
            raise ContentDiffers(f"files that do not belong to the torrent: {sorted(surplus)[:5]}")

    def check_files(self, folder: Path, paths: Iterable[str]) -> None:
        """Compare only some files."""
        for path in paths:
            found = folder / path
            if not found.is_file():
                raise ContentDiffers(f"{path!r} is missing")
            if sha256_of(found) != self.digests[path]:
                raise ContentDiffers(f"{path!r} differs ({found.stat().st_size} bytes)")

    def without_empty_files(self) -> Content:
        """The content as it is for clients that create no empty files."""
        empty = hashlib.sha256().hexdigest()
        return replace(self, digests={path: digest for path, digest in self.digests.items() if digest != empty})

    def place(self, folder: Path) -> Path:
        """Hard-link the files into a separate folder, so that a seed's own state is only there."""
        for path in self.digests:
            target = folder / path
            target.parent.mkdir(parents=True, exist_ok=True)
            os.link(self.folder / path, target)
        return folder


class Library:
    """Creates each named content once, for all scenarios that need it. Thread-safe."""

    def __init__(self, folder: Path, seed: int) -> None:
        self.folder = folder
        self._seed = seed
        self._made: dict[str, Content] = {}
        self._lock = threading.Lock()
        self._locks: dict[str, threading.Lock] = {}

    def get(self, name: str, layout: Callable[[], Layout]) -> Content:
        """The content with this name, created if necessary."""
        with self._lock:
            lock = self._locks.setdefault(name, threading.Lock())
        with lock:
            if name not in self._made:
                self._made[name] = _make(self.folder / name, layout(), f"{self._seed}/{name}")
            return self._made[name]


def _make(folder: Path, layout: Layout, seed: str) -> Content:
    digests = {}
    for path, size in layout.items():
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        digests[path] = _write_random(target, size, f"{seed}/{path}")
    name = next(iter(layout)).split("/")[0]
    return Content(folder, name, digests, sum(layout.values()))


def _write_random(path: Path, size: int, seed: str) -> str:
    """Write `size` bytes: one random MiB over and over, each 16 KiB stamped with its number; its SHA-256."""
    chunk = bytearray(random.Random(seed).randbytes(min(size, MIB)))
    digest = hashlib.sha256()
    with path.open("wb") as file:
        for start in range(0, size, MIB):
            for offset in range(0, min(MIB, size - start) - 8, STAMP_EVERY):
                chunk[offset : offset + 8] = (start + offset).to_bytes(8, "big")
            part = chunk if size - start >= MIB else chunk[: size - start]
            digest.update(part)
            file.write(part)
    return digest.hexdigest()


def sha256_of(path: Path) -> str:
    """A file's SHA-256 in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def files_below(folder: Path) -> Iterator[str]:
    """Paths of all files below a folder, without those of the resume state."""
    for directory, folders, files in os.walk(folder):
        if Path(directory) == folder and RESUME_FOLDER in folders:
            folders.remove(RESUME_FOLDER)
        for file in files:
            yield str(Path(directory, file).relative_to(folder))


def single(size: int) -> Callable[[], Layout]:
    """One file."""
    return lambda: {"single file.bin": size}


def folder(size: int) -> Callable[[], Layout]:
    """A small folder: one big file, some that share pieces, one empty."""
    return lambda: {
        "album/big.bin": size - 300_003,
        "album/small/one.bin": 100_001,
        "album/small/two.bin": 200_001,
        "album/small/three.bin": 1,
        "album/empty.bin": 0,
    }


ODD_NAMES = (
    "with space.bin",
    " leading space",
    ".hidden",
    "émoji🐝.bin",
    "日本語/ファイル.bin",
    'quote\'d "name".bin',
    "per%20cent.bin",
    "a&b=c#d?e.bin",
    "(brackets)[x]{y}.bin",
    "-dash",
    "~tilde",
    "semi;colon,comma.bin",
    "long-" + "n" * 200,
)


TAME_NAMES = tuple(name for name in ODD_NAMES if not set(name) & set('?"') and not name.startswith(" "))
"""Names that transmission keeps unchanged."""


def many(count: int, odd_names: Sequence[str] = ODD_NAMES) -> Callable[[], Layout]:
    """Many small files in nested folders, some empty, some with names that break careless code."""

    def layout() -> Layout:
        sizes = random.Random(count)
        files: Layout = {f"many/odd/{name}": sizes.randrange(20_000) for name in odd_names}
        for number in range(count - len(files)):
            path = f"many/{number % 10}/{number % 7}/deep {number % 3}/file-{number:04}.bin"
            files[path] = 0 if number % 50 == 0 else sizes.randrange(1, 12_000)
        return files

    return layout
