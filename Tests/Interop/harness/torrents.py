# SPDX-License-Identifier: Apache-2.0
"""Metainfo for the scenarios, created by libtorrent: the reference for every client."""

from __future__ import annotations

import threading
import urllib.parse
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import libtorrent as lt

from .content import Content

Version = Literal["v1", "v2", "hybrid"]

VERSIONS: tuple[Version, ...] = ("v1", "v2", "hybrid")

_FLAGS = {"v1": lt.create_torrent.v1_only, "v2": lt.create_torrent.v2_only, "hybrid": 0}


@dataclass(frozen=True)
class Torrent:
    """A metainfo file, its content and its identities (hexadecimal; None if the version has none)."""

    path: Path
    content: Content
    version: Version
    piece_length: int
    v1: str | None
    v2: str | None

    @property
    def announced_hashes(self) -> list[str]:
        """The 20-byte info-hashes that peers and trackers see, in hexadecimal."""
        return [value[:40] for value in (self.v1, self.v2) if value]

    def magnet(self, tracker: str | None = None, web_seed: str | None = None) -> str:
        """The magnet link (BEP 9, BEP 52), with or without a tracker's and a web seed's URL."""
        parts = []
        if self.v1:
            parts.append(f"xt=urn:btih:{self.v1}")
        if self.v2:
            parts.append(f"xt=urn:btmh:1220{self.v2}")
        parts.append("dn=" + urllib.parse.quote(self.content.name))
        if tracker:
            parts.append("tr=" + urllib.parse.quote(tracker, safe=""))
        if web_seed:
            parts.append("ws=" + urllib.parse.quote(web_seed, safe=""))
        return "magnet:?" + "&".join(parts)

    def with_tracker(self, url: str, folder: Path) -> Path:
        """A copy of the metainfo file that names a tracker; the info-hash is the same."""
        return self._with(b"announce", url.encode(), folder / "tracked.torrent")

    def with_web_seed(self, url: str, folder: Path) -> Path:
        """A copy that names a web seed (BEP 19)."""
        return self._with(b"url-list", url.encode(), folder / "seeded.torrent")

    def with_web_seeds(self, urls: Sequence[str], folder: Path) -> Path:
        """A copy that names several."""
        return self._with(b"url-list", [url.encode() for url in urls], folder / "seeded.torrent")

    def _with(self, key: bytes, value: bytes | list[bytes], copy: Path) -> Path:
        metainfo: dict[bytes, Any] = lt.bdecode(self.path.read_bytes())  # type: ignore[assignment]
        metainfo[key] = value
        copy.parent.mkdir(parents=True, exist_ok=True)
        copy.write_bytes(lt.bencode(metainfo))
        return copy


class TorrentPress:
    """Creates each torrent once, for all scenarios that need it. Thread-safe."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._made: dict[str, Torrent] = {}
        self._lock = threading.Lock()
        self._locks: dict[str, threading.Lock] = {}

    def get(self, content: Content, version: Version, piece_length: int) -> Torrent:
        """The torrent of this content, created if necessary."""
        key = f"{content.folder.name}-{version}-{piece_length}"
        with self._lock:
            lock = self._locks.setdefault(key, threading.Lock())
        with lock:
            if key not in self._made:
                self._made[key] = make_torrent(content, version, piece_length, self._folder / f"{key}.torrent")
            return self._made[key]


def make_torrent(content: Content, version: Version, piece_length: int, path: Path) -> Torrent:
    """Hash the content and write its metainfo file."""
    files = lt.list_files(str(content.folder / content.name))
    creator = lt.create_torrent(files, piece_length, _FLAGS[version])
    lt.set_piece_hashes(creator, str(content.folder))
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(lt.bencode(creator.generate()))
    return read_torrent(path, content, version)


def read_torrent(path: Path, content: Content, version: Version) -> Torrent:
    """Read a metainfo file of any origin."""
    info = lt.load_torrent_file(str(path)).ti
    assert info is not None
    hashes = info.info_hashes()
    return Torrent(
        path=path,
        content=content,
        version=version,
        piece_length=info.piece_length(),
        v1=str(hashes.v1) if hashes.has_v1() else None,
        v2=str(hashes.v2) if hashes.has_v2() else None,
    )
