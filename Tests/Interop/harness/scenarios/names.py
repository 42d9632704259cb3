# SPDX-License-Identifier: Apache-2.0
"""Names that systems reserve, shorten, fold or hide: such a folder is created, verified, seeded and downloaded."""

from __future__ import annotations

import shutil
from dataclasses import replace
from functools import partial
from pathlib import Path

import libtorrent as lt

from ..arena import Arena
from ..clients.file_share import FileShare, Libtorrent
from ..clients.web import WebServer
from ..content import Content, Layout, sha256_of
from ..registry import Registry
from ..torrents import VERSIONS, Torrent, Version, read_torrent
from .tool import run_tool

KEPT = (
    "aux.h",
    "con",
    "nul.txt",
    "COM1",
    "dot.",
    "a:b?*<>|.bin",
    "README",
    "readme",
    "system\\x2dcryptsetup.slice",
    "con.d/prn",
    *("n" * length for length in (241, 247, 251, 255)),
)
"""Names that a download by Ruche keeps."""

FILTERED = {"tab\there.bin": "tab_here.bin", "photo\u202egpj.exe": "photogpj.exe", "t\tt/x\u2066": "t_t/x"}
"""Names that a download by Ruche changes."""

SHARED = ("aux.h", "con", "nul.txt", "COM1", "dot.", "a:b?*<>|.bin", "con.d/prn")
"""Names that libtorrent keeps on this system as well, so that it can seed them."""


def add_to(registry: Registry) -> None:
    """Declare the scenarios of this theme."""
    for version in VERSIONS:
        to_ruche = partial(fetched_by_ruche, version=version)
        registry.add(f"names.{version}", "odd names are created, verified, seeded and downloaded", to_ruche)
        to_other = partial(fetched_by_libtorrent, version=version)
        registry.add(f"names.{version}.to-libtorrent", "libtorrent downloads all of them", to_other)
        registry.add(
            f"names.{version}.from-libtorrent",
            "Ruche downloads under the names that libtorrent seeds",
            partial(seeded_by_libtorrent, version=version),
        )
    registry.add("names.web-seed", "files are requested from a web server under their original names", by_web)


def layout() -> Layout:
    """Each file has another size, so that none is mistaken for another."""
    names = [*KEPT, *FILTERED]
    return {f"odd/{name}": 20_000 + 1_111 * number for number, name in enumerate(names)}


def created(arena: Arena, version: Version) -> Torrent:
    """The folder's torrent, by Ruche, verified against the folder itself."""
    content = arena.content("odd-names", layout)
    made = arena.subfolder("created") / "odd.torrent"
    arguments = ("-o", made, f"--{version}", "--piece-length", "32K")
    process = run_tool(arena, "create", content.folder / content.name, *arguments)
    arena.expect(process.poll() == 0, f"create: status {process.poll()}")
    process = run_tool(arena, "verify", made, "--data", content.folder)
    arena.expect(process.poll() == 0, f"verify of the source: status {process.poll()}")
    return read_torrent(made, content, version)


def as_fetched(content: Content) -> Content:
    """The content under the names in a download."""
    renamed = {f"odd/{name}": f"odd/{safe}" for name, safe in FILTERED.items()}
    return replace(content, digests={renamed.get(path, path): digest for path, digest in content.digests.items()})


def fetched_by_ruche(arena: Arena, version: Version) -> None:
    """Ruche seeds the folder and downloads it; it can verify the download, stop it and resume it."""
    torrent = created(arena, version)
    seed = FileShare(arena).seed(torrent)
    into = arena.subfolder("fetched")
    FileShare(arena).get(torrent, into, peers=[seed.endpoint]).wait_finished()
    as_fetched(torrent.content).check(into)
    process = run_tool(arena, "verify", torrent.path, "--data", into)
    arena.expect(process.poll() == 0, f"verify of the copy: status {process.poll()}")
    # With its resume state it finds everything under the names of the first run.
    FileShare(arena).get(torrent, into).wait_finished()
    as_fetched(torrent.content).check(into)


def fetched_by_libtorrent(arena: Arena, version: Version) -> None:
    """libtorrent changes some names: its files are compared by their positions in the torrent."""
    torrent = created(arena, version)
    seed = FileShare(arena).seed(torrent)
    into = arena.subfolder("fetched")
    Libtorrent(arena).get(torrent, into, peers=[seed.endpoint]).wait_finished()
    files = lt.load_torrent_file(str(torrent.path)).ti.files()
    places = [index for index in range(files.num_files()) if not files.file_flags(index) & files.flag_pad_file]
    own = sorted(torrent.content.digests, key=lambda path: path.encode().split(b"/"))
    arena.expect(len(places) == len(own), f"{len(places)} files, not {len(own)}")
    for index, path in zip(places, own, strict=True):
        found = into / files.file_path(index)
        arena.expect(sha256_of(found) == torrent.content.digests[path], f"{path!r} differs")


def seeded_by_libtorrent(arena: Arena, version: Version) -> None:
    """Exchange a folder with names that both keep."""
    content = arena.content("shared-names", lambda: {f"shared/{name}": 50_000 + len(name) for name in SHARED})
    torrent = arena.torrent(content, version)
    seed = Libtorrent(arena).seed(torrent)
    into = arena.subfolder("fetched")
    FileShare(arena).get(torrent, into, peers=[seed.endpoint]).wait_finished()
    content.check(into)


def by_web(arena: Arena) -> None:
    """The server has the folder as it was created, without the control characters that it accepts in no URL."""
    names = [name for name in (*KEPT, *FILTERED) if "\t" not in name]
    content = arena.content("web-names", lambda: {f"odd/{name}": 30_000 + len(name) for name in names})
    made = arena.subfolder("created") / "odd.torrent"
    process = run_tool(arena, "create", content.folder / content.name, "-o", made, "--v1", "--piece-length", "32K")
    arena.expect(process.poll() == 0, f"create: status {process.poll()}")
    torrent = read_torrent(made, content, "v1")
    server = WebServer(arena, _copy(content, arena.subfolder("served")))
    into = arena.subfolder("fetched")
    FileShare(arena).get(torrent.with_web_seed(server.url, arena.subfolder("seeded")), into).wait_finished()
    as_fetched(content).check(into)


def _copy(content: Content, folder: Path) -> Path:
    shutil.copytree(content.folder / content.name, folder / content.name)
    return folder
