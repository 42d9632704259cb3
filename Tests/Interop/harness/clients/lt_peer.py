# SPDX-License-Identifier: Apache-2.0
"""A libtorrent peer with `file-share`'s command line.

It can be used beside Ruche in a scenario, and instead of it when the harness checks itself. In addition to that command
line it takes `--encryption header` (encrypted handshake, plain payload) and reports `uploaded` bytes.
"""

from __future__ import annotations

import argparse
import json
import signal
import sys
import time
from pathlib import Path
from typing import Any

import libtorrent as lt

TICK_SECONDS = 0.02
REPORT_SECONDS = 0.1

_ENCRYPTION = {
    "prefer": (lt.enc_policy.enabled, lt.enc_level.both),
    "require": (lt.enc_policy.forced, lt.enc_level.rc4),
    "header": (lt.enc_policy.forced, lt.enc_level.plaintext),
    "off": (lt.enc_policy.disabled, lt.enc_level.both),
}


class Stopped(Exception):
    """The user interrupted the program."""


def say(event: str, **values: Any) -> None:
    """Print one JSON line."""
    print(json.dumps({"event": event, **values}), flush=True)


def session_settings(listen: str, encryption: str) -> dict[str, Any]:
    """A session that only finds the peers that it is given."""
    policy, level = _ENCRYPTION[encryption]
    return {
        "listen_interfaces": listen,
        "outgoing_interfaces": listen.rpartition(":")[0],
        "enable_dht": False,
        "enable_lsd": False,
        "enable_upnp": False,
        "enable_natpmp": False,
        "enable_outgoing_utp": False,
        "enable_incoming_utp": False,
        "in_enc_policy": int(policy),
        "out_enc_policy": int(policy),
        "allowed_enc_level": int(level),
        "prefer_rc4": True,
        "allow_multiple_connections_per_ip": True,
        "ssrf_mitigation": False,
        "min_reconnect_time": 1,
        "connections_limit": 2000,
        "unchoke_slots_limit": -1,
        "min_announce_interval": 2,
        "alert_mask": lt.alert_category.error
        | lt.alert_category.peer
        | lt.alert_category.status
        | lt.alert_category.storage
        | lt.alert_category.tracker,
    }


class Peer:
    """One session with one torrent, driven until it is done or interrupted."""

    def __init__(self, options: argparse.Namespace, params: lt.add_torrent_params) -> None:
        self._options = options
        self._session = lt.session(session_settings(options.listen, options.encryption))
        self._handle = self._session.add_torrent(params)
        self._handle.set_upload_limit(options.limit_up or 0)
        self._handle.set_download_limit(options.limit_down or 0)
        self._listening = False
        self._wanted = list(getattr(options, "file", None) or [])
        self._next_report = 0.0

    def drive(self, until_finished: bool) -> None:
        """Run until everything wanted is complete (if asked to stop then) or the user ends it."""
        finished = False
        while True:
            self._session.wait_for_alert(int(TICK_SECONDS * 1000))
            for alert in self._session.pop_alerts():
                self._log(alert)
            self._start_listening()
            status = self._handle.status()
            self._select_files(status)
            if status.errc.value():
                raise RuntimeError(f"{status.error_file}: {status.errc.message()}")
            if status.is_finished and not self._wanted and not finished:
                finished = True
                self._report(status)
                say("finished")
                if until_finished:
                    return
            if time.monotonic() >= self._next_report:
                self._report(status)

    def remove(self) -> None:
        """Leave the swarm; once everything wanted is complete, without the other files' parts of shared pieces."""
        self._session.remove_torrent(self._handle, lt.session.delete_partfile)
        deadline = time.monotonic() + 5
        while time.monotonic() < deadline:
            self._session.wait_for_alert(100)
            if any(isinstance(alert, lt.torrent_deleted_alert) for alert in self._session.pop_alerts()):
                return

    def _start_listening(self) -> None:
        port = self._session.listen_port()
        if self._listening or not port:
            return
        self._listening = True
        say("listening", port=port)
        for peer in self._options.peer or []:
            host, _, number = peer.rpartition(":")
            self._handle.connect_peer((host, int(number)))

    def _select_files(self, status: lt.torrent_status) -> None:
        """Priorities have to wait for a magnet link's metadata."""
        if not self._wanted or not status.has_metadata:
            return
        layout = self._handle.torrent_file().layout()
        paths = [layout.file_path(index).partition("/")[2] for index in range(layout.num_files())]
        missing = set(self._wanted) - set(paths)
        if missing:
            raise RuntimeError(f"not in the torrent: {sorted(missing)}")
        self._handle.prioritize_files([4 if path in self._wanted else 0 for path in paths])
        self._wanted = []

    def _report(self, status: lt.torrent_status) -> None:
        self._next_report = time.monotonic() + REPORT_SECONDS
        say(
            "progress",
            done=min(status.total_wanted_done, status.num_pieces * self._piece_length(status)),
            total=status.total_wanted,
            down=status.download_payload_rate,
            up=status.upload_payload_rate,
            peers=status.num_peers,
            state=str(status.state),
            uploaded=status.total_payload_upload,
        )

    def _piece_length(self, status: lt.torrent_status) -> int:
        return self._handle.torrent_file().piece_length() if status.has_metadata else 0

    def _log(self, alert: lt.alert) -> None:
        print(f"{alert.what()}: {alert.message()}", file=sys.stderr, flush=True)


def load(source: str, folder: Path) -> lt.add_torrent_params:
    """Parameters from a magnet link or a metainfo file."""
    params = lt.parse_magnet_uri(source) if source.startswith("magnet:") else lt.load_torrent_file(source)
    params.save_path = str(folder)
    params.flags &= ~lt.torrent_flags.auto_managed
    params.flags &= ~lt.torrent_flags.paused
    return params


def seed(options: argparse.Namespace) -> int:
    """Serve data that is known to be correct."""
    params = load(options.source, options.data)
    params.flags |= lt.torrent_flags.seed_mode
    Peer(options, params).drive(until_finished=False)
    return 0


def get(options: argparse.Namespace) -> int:
    """Download; data from an earlier run is hashed and kept."""
    options.output.mkdir(parents=True, exist_ok=True)
    params = load(options.source, options.output)
    if options.in_order:
        params.flags |= lt.torrent_flags.sequential_download
    peer = Peer(options, params)
    peer.drive(until_finished=not options.seed)
    peer.remove()
    return 0


def create(options: argparse.Namespace) -> int:
    """Create a metainfo file."""
    flags = lt.create_torrent.v1_only if options.v1 else lt.create_torrent.v2_only if options.v2 else 0
    files = lt.list_files(str(options.path))
    creator = lt.create_torrent(files, options.piece_length, flags)
    for tier, url in enumerate(options.tracker or []):
        creator.add_tracker(url, tier)
    for url in options.web_seed or []:
        creator.add_url_seed(url)
    creator.set_priv(options.private)
    lt.set_piece_hashes(creator, str(options.path.resolve().parent))
    (options.output or Path(f"{options.path.name}.torrent")).write_bytes(lt.bencode(creator.generate()))
    return 0


def inspect(options: argparse.Namespace) -> int:
    """Describe a metainfo file or magnet link."""
    params = load(options.source, Path("."))
    info = params.ti
    hashes = info.info_hashes() if info else params.info_hashes
    values = {
        "name": info.name() if info else params.name,
        "v1": str(hashes.v1) if hashes.has_v1() else None,
        "v2": str(hashes.v2) if hashes.has_v2() else None,
    }
    print(json.dumps(values))
    return 0


def verify(options: argparse.Namespace) -> int:
    """Hash existing data; status 0 only if all of it is correct."""
    options.listen, options.encryption, options.peer = "127.0.0.1:0", "off", None
    options.limit_up = options.limit_down = None
    peer = Peer(options, load(options.source, options.data))
    status = peer._handle.status()
    while status.state in (status.checking_files, status.checking_resume_data):
        time.sleep(TICK_SECONDS)
        status = peer._handle.status()
    print(json.dumps({"done": status.total_done, "total": status.total_wanted}))
    return 0 if status.is_seeding else 1


def make_parser() -> argparse.ArgumentParser:
    """`file-share`'s command line."""
    parser = argparse.ArgumentParser()
    commands = parser.add_subparsers(required=True)

    making = commands.add_parser("create")
    making.set_defaults(run=create)
    making.add_argument("path", type=Path)
    making.add_argument("-o", dest="output", type=Path)
    kinds = making.add_mutually_exclusive_group()
    for kind in ("--v1", "--v2", "--hybrid"):
        kinds.add_argument(kind, action="store_true")
    making.add_argument("--tracker", action="append")
    making.add_argument("--web-seed", action="append")
    making.add_argument("--piece-length", type=int, default=0)
    making.add_argument("--private", action="store_true")

    inspecting = commands.add_parser("inspect")
    inspecting.set_defaults(run=inspect)
    inspecting.add_argument("source")
    inspecting.add_argument("--json", action="store_true")

    seeding = _add_peer_command(commands, "seed")
    seeding.set_defaults(run=seed)
    seeding.add_argument("--data", type=Path, required=True)

    getting = _add_peer_command(commands, "get")
    getting.set_defaults(run=get)
    getting.add_argument("-o", dest="output", type=Path, required=True)
    getting.add_argument("--file", action="append")
    getting.add_argument("--in-order", action="store_true")
    getting.add_argument("--seed", action="store_true")

    verifying = commands.add_parser("verify")
    verifying.set_defaults(run=verify)
    verifying.add_argument("source")
    verifying.add_argument("--data", type=Path, required=True)
    verifying.add_argument("--json", action="store_true")
    return parser


def _add_peer_command(commands: Any, name: str) -> argparse.ArgumentParser:
    command = commands.add_parser(name)
    command.add_argument("source")
    command.add_argument("--listen", default="127.0.0.1:0")
    command.add_argument("--peer", action="append")
    command.add_argument("--json", action="store_true")
    command.add_argument("--encryption", choices=list(_ENCRYPTION), default="prefer")
    command.add_argument("--limit-down", type=int)
    command.add_argument("--limit-up", type=int)
    command.add_argument("--log-level", default="info")
    return command


def main() -> int:
    """Run one command; Ctrl-C ends it cleanly."""

    def stop(*_: object) -> None:
        raise Stopped

    signal.signal(signal.SIGINT, stop)
    options = make_parser().parse_args()
    try:
        return options.run(options)
    except Stopped:
        return 0
    except (RuntimeError, OSError) as problem:
        say("error", message=str(problem))
        return 1


if __name__ == "__main__":
    sys.exit(main())
