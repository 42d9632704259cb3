# SPDX-License-Identifier: Apache-2.0
"""One line for each scenario, and the closing count."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field


@dataclass
class Report:
    """Prints outcomes immediately and counts them. Thread-safe."""

    passed: int = 0
    failed: int = 0
    skipped: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def add_pass(self, name: str, seconds: float, notes: list[str], rate: float | None) -> None:
        """A scenario passed; `rate` in bytes per second if it measured a transfer."""
        speed = f"{rate / 1e6:7.0f} MB/s" if rate else " " * 12
        with self._lock:
            self.passed += 1
            print(f"ok    {name:<44} {seconds:6.1f} s {speed}{_joined(notes)}", flush=True)

    def add_failure(self, name: str, seconds: float, reason: str, logs: str) -> None:
        """A scenario failed, for this reason; `logs` are the tails of its clients' logs."""
        with self._lock:
            self.failed += 1
            print(f"FAIL  {name:<44} {seconds:6.1f} s  {reason}\n{logs}", flush=True)

    def add_skip(self, name: str, reason: str) -> None:
        """A scenario could not run here."""
        with self._lock:
            self.skipped += 1
            print(f"skip  {name:<44} {reason}", flush=True)

    def close(self) -> int:
        """Print the closing line; the harness's exit status. No scenario run at all is a failure too."""
        skipped = f", {self.skipped} skipped" if self.skipped else ""
        print(f"{self.passed} passed, {self.failed} failed{skipped}", flush=True)
        return 0 if self.passed and not self.failed else 1


def _joined(notes: list[str]) -> str:
    return "  " + "; ".join(notes) if notes else ""
