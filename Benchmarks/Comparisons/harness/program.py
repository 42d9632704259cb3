# SPDX-License-Identifier: Apache-2.0
"""A program under measurement."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

TICKS = os.sysconf("SC_CLK_TCK")


class Program:
    """A process that prints JSON lines. Its resource usage is read from the system while it runs."""

    def __init__(self, command: list[str], log: Path) -> None:
        self.log = log
        self.started = time.monotonic()
        with log.open("wb") as errors:
            self.child = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=errors)

    def wait_for(
        self,
        event: str,
        ready: Callable[[dict], bool] = lambda message: True,
        timeout_seconds: float = 600,
    ) -> tuple[float, dict]:
        """Waits for the next line with this event that is `ready`, and returns its time and content."""
        deadline = time.monotonic() + timeout_seconds
        assert self.child.stdout
        for line in self.child.stdout:
            now = time.monotonic()
            message = json.loads(line)
            if message.get("event") == event and ready(message):
                return now, message
            if message.get("event") == "error" or now > deadline:
                break
        raise SystemExit(f"no event {event}: {self.log.read_text(errors='replace') or 'the log is empty'}")

    @property
    def cpu_seconds(self) -> float:
        """User and system time."""
        fields = Path(f"/proc/{self.child.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / TICKS

    @property
    def resident_bytes(self) -> int:
        """Resident anonymous memory: mapped files are not counted."""
        return self._status("RssAnon")

    @property
    def peak_bytes(self) -> int:
        """The peak of resident memory, mapped files included."""
        return self._status("VmHWM")

    def end(self, timeout_seconds: float = 120) -> float:
        """Interrupts the process, and returns the seconds until it ends."""
        begun = time.monotonic()
        self.child.send_signal(signal.SIGINT)
        try:
            self.child.communicate(timeout=timeout_seconds)
        except subprocess.TimeoutExpired:
            self.child.kill()
            self.child.communicate()
        return time.monotonic() - begun

    def _status(self, key: str) -> int:
        text = Path(f"/proc/{self.child.pid}/status").read_text()
        return next(int(line.split()[1]) for line in text.splitlines() if line.startswith(key)) * 1024
