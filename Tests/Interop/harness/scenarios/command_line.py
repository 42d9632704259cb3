# SPDX-License-Identifier: Apache-2.0
"""`file-share` with wrong, empty, odd and extreme arguments: its messages, and its exit statuses."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from ..arena import Arena
from ..content import MIB
from ..registry import Registry
from .tool import run_tool

FAILED = 1
USAGE = 64
HASH = "0123456789abcdef0123456789abcdef01234567"

DECEIVING = {*range(0x20), 0x7F, *range(0x80, 0xA0), *range(0x202A, 0x202F), *range(0x2066, 0x206A), 0x2028, 0x2029}
"""Code points that control a terminal; a line feed only ends a line."""


@dataclass(frozen=True)
class Case:
    """A command line, how it ends, and words of its message."""

    arguments: Sequence[str]
    status: int
    words: Sequence[str]


CASES = [
    Case(["get", "", "-o", "."], FAILED, ["no torrent is named"]),
    Case(["get", "  ", "-o", "."], FAILED, ["no torrent is named"]),
    Case(["get", "http://site.example/a.torrent", "-o", "."], FAILED, ["web address", "fetch the .torrent file"]),
    Case(["get", "udp://site.example:1", "-o", "."], FAILED, ["web address"]),
    Case(["get", "absent.torrent", "-o", "."], FAILED, ["absent.torrent", "No such file"]),
    Case(["get", ".", "-o", "."], FAILED, ["a folder is not a .torrent file"]),
    Case(["get", "/dev/null", "-o", "."], FAILED, ["/dev/null"]),
    Case(["get", "magnet:?dn=x", "-o", "."], FAILED, ["magnet"]),
    Case(["get", f"magnet:?xt=urn:btih:{HASH[:-1]}", "-o", "."], FAILED, ["hex"]),
    Case(["get", HASH, "-o", ""], USAGE, ["--output", "folder"]),
    Case(["get", HASH], USAGE, ["--output"]),
    Case(["get", HASH, "-o", ".", "--tracker", "notaurl"], USAGE, ["notaurl", "--tracker", "udp://"]),
    Case(["get", HASH, "-o", ".", "--tracker", ""], USAGE, ["--tracker"]),
    Case(["get", HASH, "-o", ".", "--tracker", "udp://host.example"], USAGE, ["--tracker", "PORT"]),
    Case(["get", HASH, "-o", ".", "--tracker", "ftp://host.example/"], USAGE, ["--tracker"]),
    Case(["get", HASH, "-o", ".", "--tracker", "http://host.example:70000/"], USAGE, ["--tracker"]),
    Case(["get", HASH, "-o", ".", "--peer", "host.example"], USAGE, ["--peer", "HOST:PORT"]),
    Case(["get", HASH, "-o", ".", "--peer", "127.0.0.1:0"], USAGE, ["--peer"]),
    Case(["get", HASH, "-o", ".", "--peer", "no-such-host.invalid:1"], FAILED, ["no-such-host.invalid"]),
    Case(["get", HASH, "-o", ".", "--listen", "here"], USAGE, ["--listen", "PORT"]),
    Case(["get", HASH, "-o", ".", "--listen", "65536"], USAGE, ["--listen"]),
    Case(["get", HASH, "-o", ".", "--limit-down", "0"], USAGE, ["--limit-down", "500K"]),
    Case(["get", HASH, "-o", ".", "--limit-up", "-1"], USAGE, ["--limit-up"]),
    Case(["get", HASH, "-o", ".", "--limit-down", "1e300"], USAGE, ["--limit-down"]),
    Case(["get", HASH, "-o", ".", "--limit-down", "nan"], USAGE, ["--limit-down"]),
    Case(["get", HASH, "-o", ".", "--max-peers", "0"], USAGE, ["--max-peers", "from 1"]),
    Case(["get", HASH, "-o", ".", "--max-peers", "9223372036854775807"], USAGE, ["--max-peers", "100000"]),
    Case(["get", HASH, "-o", ".", "--max-peers", "9223372036854775808"], USAGE, ["--max-peers"]),
    Case(["get", HASH, "-o", ".", "--bind", ""], USAGE, ["--bind"]),
    Case(["get", HASH, "-o", ".", "--bind", "no-such-if0"], FAILED, ["no-such-if0"]),
    Case(["get", HASH, "-o", ".", "--encryption", "perhaps"], USAGE, ["--encryption", "prefer"]),
    Case(["get", HASH, "-o", ".", "--log-level", "loud"], USAGE, ["--log-level", "warning"]),
    Case(["get", HASH, "-o", ".", "--file", ""], USAGE, ["--file"]),
    Case(["get", HASH, "-o", ".", "--nonsense"], USAGE, ["--nonsense"]),
    Case(["seed", f"magnet:?xt=urn:btih:{HASH}", "--data", "."], FAILED, ["seed needs the .torrent file"]),
    Case(["seed", HASH, "--data", "."], FAILED, ["seed needs the .torrent file"]),
    Case(["seed", "absent.torrent", "--data", "."], FAILED, ["absent.torrent", "No such file"]),
    Case(["seed", "absent.torrent", "--data", ""], USAGE, ["--data"]),
    Case(["seed", "absent.torrent"], USAGE, ["--data"]),
    Case(["verify", f" magnet:?xt=urn:btih:{HASH}", "--data", "."], FAILED, ["verify needs the .torrent file"]),
    Case(["verify", "absent.torrent", "--data", "."], FAILED, ["absent.torrent", "No such file"]),
    Case(["verify", "absent.torrent", "--data", ""], USAGE, ["--data"]),
    Case(["inspect", "absent.torrent"], FAILED, ["absent.torrent", "No such file"]),
    Case(["inspect", "https://site.example/a.torrent"], FAILED, ["web address"]),
    Case(["inspect"], USAGE, ["torrent"]),
    Case(["create", "absent"], FAILED, ["absent"]),
    Case(["create", ".", "-o", "a.torrent", "--tracker", "notaurl"], USAGE, ["notaurl", "udp://"]),
    Case(["create", ".", "-o", "a.torrent", "--web-seed", "udp://host.example:1"], USAGE, ["--web-seed", "http://"]),
    Case(["create", ".", "-o", "a.torrent", "--piece-length", "0"], USAGE, ["--piece-length"]),
    Case(["create", ".", "-o", "a.torrent", "--v1", "--v2"], USAGE, ["--v2"]),
    Case(["bake"], USAGE, ["bake"]),
]


def add_to(registry: Registry) -> None:
    """Declare the scenarios of this theme."""
    registry.add("command-line.wrong", "errors have a clear message and the right status", wrong, 120)
    registry.add("command-line.json", "with --json every line is an object, errors too", json_lines, quick=True)
    registry.add("command-line.hashes", "a bare info-hash and a link with spaces are links", hashes, quick=True)
    registry.add("command-line.help", "help has examples and exit statuses", helps)
    registry.add("command-line.names", "odd names neither control the terminal nor break JSON", names)


def _texts(arena: Arena, arguments: Sequence[str | Path]) -> tuple[int | None, str, str]:
    process = run_tool(arena, *arguments)
    out, err = process.stdout.read_bytes(), process.stderr.read_bytes()
    return process.poll(), out.decode(), err.decode()


def wrong(arena: Arena) -> None:
    """Every case of the table."""
    for case in CASES:
        status, _, err = _texts(arena, case.arguments)
        arena.expect(status == case.status, f"{case.arguments}: status {status}, not {case.status}: {err!r}")
        missing = [word for word in case.words if word not in err]
        arena.expect(not missing, f"{case.arguments}: {missing} not in {err!r}")
    arena.notes.append(f"{len(CASES)} command lines")


def json_lines(arena: Arena) -> None:
    """Failures are events."""
    for arguments in (
        ["get", "absent.torrent", "-o", ".", "--json"],
        ["seed", "absent.torrent", "--data", ".", "--json"],
        ["verify", "absent.torrent", "--data", ".", "--json"],
        ["create", "absent", "--json"],
    ):
        status, out, _ = _texts(arena, arguments)
        arena.expect(status == FAILED, f"{arguments}: status {status}")
        events = [json.loads(line)["event"] for line in out.splitlines()]
        arena.expect(events == ["error"], f"{arguments}: {out!r}")
    status, out, _ = _texts(arena, ["inspect", "absent.torrent", "--json"])
    arena.expect(status == FAILED and json.loads(out)["valid"] is False, f"inspect: {status}, {out!r}")


def hashes(arena: Arena) -> None:
    """All of these name one torrent; the last is a v2 hash."""
    base32 = "AERUKZ4JVPG66AJDIVTYTK6N54ASGRLH"
    for text in (HASH, HASH.upper(), base32, f" magnet:?xt=urn:btih:{HASH}\n", f"MAGNET:?xt=urn:btih:{HASH}"):
        status, out, err = _texts(arena, ["inspect", text, "--json"])
        arena.expect(status == 0, f"{text!r}: {err}")
        arena.expect(json.loads(out)["infoHashV1"] == HASH, f"{text!r}: {out}")
    status, out, err = _texts(arena, ["inspect", "ab" * 32, "--json"])
    arena.expect(status == 0 and json.loads(out)["infoHashV2"] == "ab" * 32, f"{status}, {out}, {err}")


def helps(arena: Arena) -> None:
    """Each command shows how it is used."""
    for command in ("create", "inspect", "seed", "get", "verify"):
        status, out, _ = _texts(arena, [command, "--help"])
        arena.expect(status == 0 and f"  file-share {command} " in out, f"{command} --help: {out!r}")
    status, out, _ = _texts(arena, ["--help"])
    arena.expect(status == 0 and "Exit status" in out, f"--help: {out!r}")


def names(arena: Arena) -> None:
    """Names that a torrent's author chose, in text and in JSON, on both outputs."""
    controls = ["a\x1b[2Jb", "bell\x07", "tab\there", "line\nfeed", "c1\x9b31m"]
    odd = [*controls, "\u202egpj.exe", "sep\u2028arator", 'quo"te', "back\\slash"]
    folder = arena.subfolder("source") / "odd"
    folder.mkdir()
    for name in odd:
        (folder / name).write_bytes(name.encode())
    (folder / "big.bin").write_bytes(bytes(MIB))
    torrent = arena.subfolder("made") / "odd.torrent"
    data = folder.parent
    commands: list[list[str | Path]] = [
        ["create", folder, "-o", torrent],
        ["inspect", torrent],
        ["verify", torrent, "--data", data],
        ["verify", torrent, "--data", arena.subfolder("empty")],
        ["get", "no\x1b[2Jsuch\u202e.torrent", "-o", data],
    ]
    for command in commands:
        for extra in ([], ["--json"]):
            if command[0] == "create":
                torrent.unlink(missing_ok=True)
            _, out, err = _texts(arena, [*command, *extra])
            bad = {hex(ord(letter)) for letter in out + err if ord(letter) in DECEIVING and letter != "\n"}
            arena.expect(not bad, f"{command[0]} {extra}: {sorted(bad)} in {(out + err)!r}")
            if extra:
                whole = [json.loads(line) for line in out.split("\n") if line]
                arena.expect(all(isinstance(value, dict) for value in whole), f"{command[0]}: {out!r}")
