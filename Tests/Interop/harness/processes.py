# SPDX-License-Identifier: Apache-2.0
"""Child processes that never outlive the harness, their logs and their JSON lines."""

from __future__ import annotations

import atexit
import json
import os
import signal
import socket
import subprocess
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

STOP_SECONDS = 10.0
"""How long a child may take to end after SIGINT before it is killed."""

_alive: set[Process] = set()
_alive_lock = threading.Lock()


class Process:
    """One child in a session of its own; standard output and error go to files named after it.

    With `setpriv --pdeathsig` the kernel kills the child if the harness itself is killed.
    """

    def __init__(self, name: str, command: Sequence[str | Path], folder: Path) -> None:
        self.name = name
        self.stdout = folder / f"{name}.out"
        self.stderr = folder / f"{name}.log"
        with self.stdout.open("wb") as out, self.stderr.open("wb") as err:
            self._child = subprocess.Popen(
                ["setpriv", "--pdeathsig", "KILL", "--", *map(str, command)],
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=err,
                cwd=folder,
                start_new_session=True,
            )
        with _alive_lock:
            _alive.add(self)

    @property
    def pid(self) -> int:
        """The child's process id (`setpriv` replaces itself with the command)."""
        return self._child.pid

    def poll(self) -> int | None:
        """The exit status, negative for a signal; None while the child runs."""
        status = self._child.poll()
        if status is not None:
            with _alive_lock:
                _alive.discard(self)
        return status

    def interrupt(self) -> None:
        """Ask the child to end, as Ctrl-C does."""
        if self.poll() is None:
            self._child.send_signal(signal.SIGINT)

    def kill(self) -> None:
        """Kill the child and everything that it started (`kill -9`)."""
        if self.poll() is None:
            try:
                os.killpg(self.pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
            self._child.wait()
            self.poll()

    def stop(self) -> int:
        """Interrupt, wait, kill if necessary; the exit status."""
        self.interrupt()
        try:
            self._child.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self.kill()
        status = self.poll()
        assert status is not None
        return status

    def peak_memory(self) -> int:
        """The peak resident set (VmHWM) in bytes; 0 once the child has ended."""
        try:
            status = Path(f"/proc/{self.pid}/status").read_text()
        except OSError:
            return 0
        for line in status.splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) * 1024
        return 0

    def log_tail(self, lines: int = 12) -> str:
        """The last lines of both outputs, for a failure's report."""
        parts = []
        for path in (self.stdout, self.stderr):
            tail = path.read_text(errors="replace").splitlines()[-lines:] if path.exists() else []
            if tail:
                parts.append(f"--- {path}\n" + "\n".join(line[:400] for line in tail))
        return "\n".join(parts)


class JsonLines:
    """Reads the JSON objects that a child appends to a file, one per line."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._offset = 0
        self.events: list[dict[str, Any]] = []

    def refresh(self) -> None:
        """Read the complete lines written since the last call. Fails if one is not a JSON object."""
        with self._path.open("rb") as file:
            file.seek(self._offset)
            data = file.read()
        whole, newline, _ = data.rpartition(b"\n")
        self._offset += len(whole) + len(newline)
        self.events.extend(_json_objects(whole))

    def last(self, kind: str) -> dict[str, Any] | None:
        """The newest event of a kind, if there was one."""
        self.refresh()
        return next((event for event in reversed(self.events) if event.get("event") == kind), None)


def _json_objects(text: bytes) -> Iterator[dict[str, Any]]:
    for line in text.splitlines():
        try:
            value = json.loads(line)
        except ValueError:
            value = None
        assert isinstance(value, dict), f"no JSON object, though --json was asked for: {line[:200]!r}"
        yield value


def free_port(address: str, kind: socket.SocketKind = socket.SOCK_STREAM) -> int:
    """A port that is free at this address now, chosen by the kernel."""
    with socket.socket(socket.AF_INET, kind) as probe:
        probe.bind((address, 0))
        return int(probe.getsockname()[1])


def is_listening(host: str, port: int) -> bool:
    """Whether a TCP socket listens here, or at every address, in this thread's network (read from /proc)."""
    addresses = (socket.inet_aton(host)[::-1].hex().upper(), "00000000")
    wanted = {f"{address}:{port:04X}" for address in addresses}
    for line in Path("/proc/thread-self/net/tcp").read_text().splitlines()[1:]:
        fields = line.split()
        if fields[3] == "0A" and fields[1] in wanted:
            return True
    return False


def kill_all() -> None:
    """Kill all running children."""
    with _alive_lock:
        left = list(_alive)
    for process in left:
        process.kill()


def kill_all_on_exit() -> None:
    """Leave no child behind, however the harness ends."""
    atexit.register(kill_all)

    def end(*_: object) -> None:
        kill_all()
        os._exit(128 + signal.SIGTERM)

    signal.signal(signal.SIGTERM, end)
