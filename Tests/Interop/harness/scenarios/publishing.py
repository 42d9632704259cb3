# SPDX-License-Identifier: Apache-2.0
"""Publications (BEP 46): a key names a folder that changes, and followers keep up with it through the DHT."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import libtorrent as lt

from ..arena import Arena
from ..content import MIB, files_below, sha256_of
from ..processes import JsonLines, Process
from ..registry import Registry
from .dht import Network

SIZES = {"kept.bin": 3 * MIB, "changed.bin": MIB, "gone/old.bin": 40_000}


def add_to(registry: Registry) -> None:
    """Declare the scenarios of this theme."""
    registry.add("publishing.update", "an update is followed, and only changes are downloaded", update, 180)
    registry.add("publishing.old", "an older version is never installed over a newer one", old_version, 180)
    registry.add("publishing.changed", "a file that was changed here stops the update", changed_here, 180)
    registry.add("publishing.libtorrent", "libtorrent reads the item and downloads the torrent", to_libtorrent, 180)


class Publisher:
    """A folder with a key, published repeatedly."""

    def __init__(self, arena: Arena, network: Network) -> None:
        self.arena = arena
        self.network = network
        self.key = arena.subfolder("key") / "publisher.key"
        self.folder = arena.subfolder("published") / "News"
        self.process: Process | None = None
        for name, size in SIZES.items():
            self.write(name, name.encode() * (size // len(name)))

    def write(self, name: str, data: bytes) -> None:
        """Set one file's content."""
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)

    def publish(self) -> dict[str, Any]:
        """Publish the present folder; returns the event."""
        if self.process:
            self.arena.expect(self.process.stop() == 0, f"status {self.process.poll()} of publish")
        command = ["publish", self.key, self.folder, *options(self.arena, self.network.bootstrap)]
        if not self.key.exists():
            command.append("--new-key")
        self.process = self.arena.start("publisher", [*self.arena.file_share, *command])
        lines = JsonLines(self.process.stdout)
        self.arena.wait_until(lambda: lines.last("published") is not None, "a publication", self.process)
        published = lines.last("published")
        assert published is not None
        return published

    def check(self, into: Path) -> None:
        """Compare what was installed with what is published."""
        ours = {str(path): sha256_of(self.folder / path) for path in files_below(self.folder)}
        theirs = {str(path): sha256_of(into / "News" / path) for path in files_below(into / "News")}
        self.arena.expect(ours == theirs, f"published {sorted(ours)}, installed {sorted(theirs)}, or their bytes differ")


class Follower:
    """A running `follow`."""

    def __init__(self, arena: Arena, link: str, into: Path, bootstrap: str, *extra: str) -> None:
        self.arena = arena
        command = ["follow", link, "-o", into, "--every", "1", *options(arena, bootstrap), *extra]
        self.process = arena.start("follower", [*arena.file_share, *command])
        self.lines = JsonLines(self.process.stdout)

    def wait_installed(self, sequence: int) -> None:
        """Wait until a version is installed."""
        self.arena.wait_until(lambda: self.sequence("installed") == sequence, f"version {sequence}", self.process)

    def sequence(self, event: str) -> int:
        """The version in the latest event of a kind; 0 without one."""
        last = self.lines.last(event)
        return int(last["sequence"]) if last else 0


def options(arena: Arena, bootstrap: str) -> list[str]:
    """Options for both sides."""
    return ["--listen", f"{arena.address()}:0", "--dht-bootstrap", bootstrap, "--json"]


def update(arena: Arena) -> None:
    """One file is changed, one removed and one added; the running follower gets the new version."""
    network = Network(arena)
    publisher = Publisher(arena, network)
    first = publisher.publish()
    arena.expect(first["sequence"] == 1, f"version {first['sequence']} at first")
    into = arena.subfolder("followed")
    follower = Follower(arena, first["link"], into, network.bootstrap)
    follower.wait_installed(1)
    publisher.check(into)
    publisher.write("changed.bin", b"other" * 200_000)
    publisher.write("new.bin", b"new" * 1_000)
    shutil.rmtree(publisher.folder / "gone")
    before = fetched(follower)
    second = publisher.publish()
    arena.expect(second["sequence"] == 2, f"version {second['sequence']} after an update")
    follower.wait_installed(2)
    publisher.check(into)
    arena.expect(fetched(follower) - before < 2 * MIB, f"{fetched(follower) - before} bytes came for a change of 1 MB")
    arena.expect(follower.process.stop() == 0, f"status {follower.process.poll()} of follow")

    # It continues where it was, and what did not change is not reported.
    again = Follower(arena, first["link"], into, network.bootstrap)
    arena.wait_until(lambda: again.lines.last("listening") is not None, "a follower that shares", again.process)
    publisher.write("new.bin", b"newer" * 1_000)
    publisher.publish()
    again.wait_installed(3)
    publisher.check(into)


def fetched(follower: Follower) -> int:
    """Bytes from peers so far, of the torrent that is being downloaded or was last."""
    progress = follower.lines.last("progress")
    return int(progress["downloaded"]) if progress else 0


def old_version(arena: Arena) -> None:
    """Another DHT, whose nodes only know the first version, as an attacker could present it."""
    network = Network(arena)
    publisher = Publisher(arena, network)
    link = publisher.publish()["link"]
    into = arena.subfolder("followed")
    publisher.write("changed.bin", b"second" * 1_000)
    publisher.publish()
    follower = Follower(arena, link, into, network.bootstrap, "--once")
    arena.wait_until(lambda: follower.process.poll() is not None, "the end of follow --once")
    arena.expect(follower.process.poll() == 0, f"status {follower.process.poll()} of follow --once")
    installed = sha256_of(into / "News" / "changed.bin")

    elsewhere = Network(arena)
    publisher.write("changed.bin", b"first" * 1_000)
    publisher.network = elsewhere
    arena.expect(publisher.publish()["sequence"] == 1, "a new DHT knows an earlier version")
    misled = Follower(arena, link, into, elsewhere.bootstrap)
    arena.wait_until(lambda: misled.lines.last("listening") is not None, "a follower that shares", misled.process)
    arena.expect(not arena.wait_seconds(lambda: misled.sequence("publication") > 0, 6), "an old version was reported")
    arena.expect(sha256_of(into / "News" / "changed.bin") == installed, "an old version was installed")


def changed_here(arena: Arena) -> None:
    """A changed file in the follower's copy is not lost without permission."""
    network = Network(arena)
    publisher = Publisher(arena, network)
    link = publisher.publish()["link"]
    into = arena.subfolder("followed")
    first = Follower(arena, link, into, network.bootstrap)
    first.wait_installed(1)
    arena.expect(first.process.stop() == 0, f"status {first.process.poll()} of follow")
    mine = into / "News" / "changed.bin"
    mine.write_bytes(b"mine" + mine.read_bytes()[4:])
    publisher.write("changed.bin", b"theirs" * 1_000)
    publisher.publish()
    stopped = Follower(arena, link, into, network.bootstrap)
    arena.wait_until(lambda: stopped.process.poll() is not None, "an update that stops")
    arena.expect(stopped.process.poll() == 1, f"status {stopped.process.poll()} instead of 1")
    arena.expect(mine.read_bytes()[:4] == b"mine", "the user's file was lost")
    forced = Follower(arena, link, into, network.bootstrap, "--overwrite")
    forced.wait_installed(2)
    publisher.check(into)


def to_libtorrent(arena: Arena) -> None:
    """libtorrent reads the item, and downloads the torrent that it names."""
    network = Network(arena)
    publisher = Publisher(arena, network)
    published = publisher.publish()
    reader = network.theirs[4]
    reader.session.dht_get_mutable_item(bytes.fromhex(published["key"]), b"")
    found = reader.alert("dht_mutable_item_alert", lambda alert: alert.seq >= 1)
    arena.expect(found is not None, "libtorrent cannot read the item")
    arena.expect(set(found.item) == {b"ih"}, f"the item is {found.item}")
    arena.expect(found.item[b"ih"].hex() == published["infoHash"], f"the item names {found.item}")
    wanted = lt.parse_magnet_uri(f"magnet:?xt=urn:btih:{found.item[b'ih'].hex()}")
    into = arena.subfolder("libtorrent")
    wanted.save_path = str(into)
    handle = reader.session.add_torrent(wanted)
    arena.wait_until(lambda: handle.status().is_seeding, "libtorrent's download")
    publisher.check(into)
