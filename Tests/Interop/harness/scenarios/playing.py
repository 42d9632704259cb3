# SPDX-License-Identifier: Apache-2.0
"""Watching a film while it downloads: `file-share play`, with curl, ffmpeg and Chromium as players."""

from __future__ import annotations

import concurrent.futures
import http.client
import subprocess
import time
from functools import partial
from pathlib import Path
from urllib.parse import urlsplit

from ..arena import Arena
from ..clients.browser import Browser
from ..clients.file_share import Libtorrent
from ..content import Content, sha256_of
from ..processes import JsonLines, Process
from ..registry import Registry
from ..torrents import Torrent, Version, make_torrent

SECONDS = 60
FILM = "cinema/the film.mp4"
EXTRAS = "cinema/extras.bin"


def add_to(registry: Registry) -> None:
    """Declare the scenarios of this theme."""
    registry.add("play.ranges", "curl reads parts, several at once, and then the whole film", ranges, quick=True)
    registry.add("play.strangers", "nobody without the address reads anything, and no other site", strangers)
    registry.add("play.opens", "the desktop's player is opened with the largest film, and Ctrl-C ends it", opens)
    for version in ("v1", "v2"):
        run = partial(ffmpeg_seeks, version=version)
        registry.add(f"play.ffmpeg.{version}", "ffmpeg plays and seeks a film whose index is at its end", run)
    registry.add("play.chromium", "Chromium plays a film whose index is at its end, and seeks", chromium)


def film(arena: Arena, version: Version = "v1", piece_length: int = 256 << 10) -> Torrent:
    """A minute of moving picture and sound, with `moov` at the end, beside a larger file that is no film."""
    folder = arena.subfolder("cinema")
    (folder / FILM).parent.mkdir()
    command = ["ffmpeg", "-v", "error", "-f", "lavfi", "-i", f"testsrc2=size=640x360:rate=25:duration={SECONDS}"]
    command += ["-f", "lavfi", "-i", f"sine=frequency=440:duration={SECONDS}", "-c:v", "libx264", "-preset", "ultrafast"]
    command += ["-b:v", "1500k", "-g", "50", "-pix_fmt", "yuv420p", "-c:a", "aac", "-b:a", "64k", str(folder / FILM)]
    subprocess.run(command, check=True, stdin=subprocess.DEVNULL)
    (folder / EXTRAS).write_bytes(bytes(2 * (folder / FILM).stat().st_size))
    digests = {path: sha256_of(folder / path) for path in (FILM, EXTRAS)}
    size = sum((folder / path).stat().st_size for path in digests)
    content = Content(folder, "cinema", digests, size)
    return make_torrent(content, version, piece_length, arena.subfolder("torrent") / "cinema.torrent")


def rate_of(torrent: Torrent, factor: float) -> str:
    """A seed's limit that is some times the film's bit rate."""
    return str(int((torrent.content.folder / FILM).stat().st_size / SECONDS * factor))


class Cinema:
    """A running `file-share play`."""

    def __init__(self, arena: Arena, torrent: Torrent, limit: str, *extra: str, magnet: bool = False) -> None:
        self.arena = arena
        seed = Libtorrent(arena).seed(torrent, extra=["--limit-up", limit])
        endpoint = seed.endpoint
        self.began = time.monotonic()
        self.temporary = arena.subfolder("temporary")
        source = torrent.magnet(None) if magnet else torrent.path
        command = [*arena.file_share, "play", source, "--peer", str(endpoint), "--listen", f"{arena.address()}:0"]
        command += ["--json", "--no-dht", "--no-lan", "--no-port-mapping", *extra]
        environment = ["env", f"TMPDIR={self.temporary}", f"PATH={arena.folder}/bin:/usr/bin:/bin", "DISPLAY=:9"]
        self.process: Process = arena.start("play", [*environment, *command])
        self.lines = JsonLines(self.process.stdout)
        arena.wait_until(lambda: self.lines.last("playing") is not None, "the address", self.process)
        playing = self.lines.last("playing")
        assert playing is not None
        self.url = str(playing["url"])
        self.file = str(playing["file"])

    def is_complete(self) -> bool:
        """Whether the download has ended."""
        progress = self.lines.last("progress")
        return progress is not None and progress["done"] == progress["total"]

    def stop(self) -> None:
        """End it with Ctrl-C: status 0, and nothing is left behind."""
        self.arena.expect(self.process.stop() == 0, f"status {self.process.poll()} after an interrupt")
        left = list(self.temporary.iterdir())
        self.arena.expect(not left, f"left behind: {left}")


def curl(url: str, *extra: str) -> bytes:
    """The body of a response."""
    return subprocess.run(["curl", "-sS", "--fail", *extra, url], check=True, stdout=subprocess.PIPE).stdout


def ranges(arena: Arena) -> None:
    """The end long before the rest, four parts at once, everything, and what lies beyond."""
    torrent = film(arena)
    expected = (torrent.content.folder / FILM).read_bytes()
    cinema = Cinema(arena, torrent, rate_of(torrent, 20), "--no-open", magnet=True)
    arena.expect(cinema.file == FILM, f"it plays {cinema.file}, not the film")
    arena.expect(curl(cinema.url, "-r", "-1000") == expected[-1000:], "the end differs")
    starts = [0, 1_000_000, 3_000_000, 5_000_000]
    with concurrent.futures.ThreadPoolExecutor() as pool:
        parts = list(pool.map(lambda start: curl(cinema.url, "-r", f"{start}-{start + 499_999}"), starts))
    arena.expect(parts == [expected[start : start + 500_000] for start in starts], "a part differs")
    head = curl(cinema.url, "-I").decode().lower()
    arena.expect(f"content-length: {len(expected)}\r\n" in head and "video/mp4" in head, head)
    arena.expect(curl(cinema.url) == expected, "the whole film differs")
    arena.expect(request(cinema.url, {"Range": f"bytes={len(expected)}-"})[0] == 416, "a range beyond the end")
    cinema.stop()


def request(url: str, headers: dict[str, str], method: str = "GET", host: str = "127.0.0.1") -> tuple[int, str]:
    """Status and header fields of a response."""
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(host, parts.port, timeout=10)
    connection.request(method, parts.path, headers=headers)
    response = connection.getresponse()
    connection.close()
    return response.status, str(response.headers).lower()


def strangers(arena: Arena) -> None:
    """A page whose name was rebound to this machine, one that embeds the film, and a guess."""
    torrent = film(arena)
    cinema = Cinema(arena, torrent, rate_of(torrent, 20), "--no-open")
    port = urlsplit(cinema.url).port
    arena.expect(request(cinema.url, {})[0] == 200, "the address works")
    arena.expect(request(cinema.url, {"Host": f"rebound.example:{port}"})[0] == 421, "another site's name")
    arena.expect(request(cinema.url, {"Host": "127.0.0.1"})[0] == 421, "another port")
    token = urlsplit(cinema.url).path.split("/")[1]
    arena.expect(len(token) == 32, f"a token of {len(token)} digits")
    for path in ("/", "/0/film.mp4", f"/{token[::-1]}/0/film.mp4", f"/{token}/../../etc/passwd"):
        arena.expect(request(f"http://127.0.0.1:{port}{path}", {})[0] == 404, f"{path} is found")
    status, fields = request(cinema.url, {"Origin": "https://site.example"})
    arena.expect(status == 200 and "access-control" not in fields, "another site may read it")
    arena.expect("cross-origin-resource-policy: same-origin" in fields, "another site may embed it")
    arena.expect(request(cinema.url, {"Origin": "https://site.example"}, "OPTIONS")[0] == 405, "a preflight")
    try:
        request(cinema.url, {}, host="127.0.0.2")
        arena.expect(False, "it listens on another address")
    except ConnectionRefusedError:
        pass
    cinema.stop()


def opens(arena: Arena) -> None:
    """`xdg-open` gets the address that is printed."""
    torrent = film(arena)
    opened = arena.folder / "opened"
    program = arena.folder / "bin" / "xdg-open"
    program.parent.mkdir()
    program.write_text(f'#!/bin/sh\nprintf %s "$1" > "{opened}"\n')
    program.chmod(0o755)
    cinema = Cinema(arena, torrent, rate_of(torrent, 20))
    arena.wait_until(lambda: opened.exists() and opened.read_text() == cinema.url, "the player", cinema.process)
    cinema.stop()


def ffmpeg_seeks(arena: Arena, version: Version) -> None:
    """The duration is known and pictures from two places are decoded long before the download ends."""
    torrent = film(arena, version)
    cinema = Cinema(arena, torrent, rate_of(torrent, 1.5), "--no-open")
    probe = ["ffprobe", "-v", "error", "-show_entries", "format=duration", "-of", "csv=p=0", cinema.url]
    duration = float(subprocess.run(probe, check=True, stdout=subprocess.PIPE).stdout)
    arena.expect(abs(duration - SECONDS) < 1, f"{duration} seconds")
    for position in (0, 45):
        began = time.monotonic()
        pictures = decode(cinema.url, position, frames=1)
        arena.notes.append(f"a picture at {position} s after {time.monotonic() - began:.1f} s")
        arena.expect(pictures == decode(torrent.content.folder / FILM, position, frames=1), f"the picture at {position}")
    arena.expect(not cinema.is_complete(), "the download ended before the second picture")
    played = decode(cinema.url, 0, frames=SECONDS * 25)
    arena.expect(played == decode(torrent.content.folder / FILM, 0, frames=SECONDS * 25), "the film differs")
    cinema.stop()


def decode(source: str | Path, position: int, frames: int) -> bytes:
    """Digests of decoded pictures. Fails on any decoding error."""
    command = ["ffmpeg", "-v", "error", "-xerror", "-ss", str(position), "-i", str(source), "-map", "0:v"]
    command += ["-frames:v", str(frames), "-f", "framemd5", "-"]
    return subprocess.run(command, check=True, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE).stdout


def chromium(arena: Arena) -> None:
    """The user's browser is open; the film begins within seconds of the command, and goes on after a seek."""
    torrent = film(arena)
    browser = Browser(arena)
    cinema = Cinema(arena, torrent, rate_of(torrent, 3), "--no-open")
    browser.visit(cinema.url)
    arena.wait_until(lambda: browser.number("document.querySelector('video')?.currentTime") > 0.04, "the first second")
    took = time.monotonic() - cinema.began
    arena.notes.append(f"plays {took:.1f} s after the command")
    arena.expect(took < 5, f"{took:.1f} s until it plays")
    arena.expect(browser.number("document.querySelector('video').duration") > SECONDS - 1, "the duration")
    began = time.monotonic()
    browser.number("document.querySelector('video').currentTime = 45")
    arena.wait_until(lambda: browser.number("document.querySelector('video').currentTime") > 45.5, "the seek")
    arena.notes.append(f"half a second past the seek after {time.monotonic() - began:.1f} s")
    arena.expect(not cinema.is_complete(), "the download ended before the seek")
    browser.close()
    cinema.stop()
