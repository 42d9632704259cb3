# SPDX-License-Identifier: Apache-2.0
"""Profiles with Linux's `perf`, mainly to find the time spent on sharing."""

from __future__ import annotations

import re
import signal
import subprocess
import time
from types import TracebackType

KINDS = {
    "the system": r"\[k\]",
    "of it, waiting for its locks": r"\[k\] (native_queued_spin_lock_slowpath|osq_lock|rwsem_.*slow|__mutex_lock)",
    "of it, putting threads to sleep and waking them": r"\[k\] .*(futex|try_to_wake_up|wake_up_q|finish_task_switch)",
    "hashing": r"sha1_|sha256_|\[\.\] compress|^libcrypto",
    "pthread locks": r"pthread_(mutex|cond|rwlock)|lll_lock",
    "Swift's locks, when not free at once": r"MutexHandleV\d*_\w*lockSlow",
    "atomic counters, where not inlined": r"6Atomics\d|ManagedAtomic",
    "counting references": r"swift_(bridgeObject|unknownObject)?_?(retain|release)|BridgeObject(Retain|Release)",
    "checking exclusive access": r"swift_(begin|end)Access|AccessSet",
    "taking and giving back memory": r"\[\.\] (malloc|calloc|realloc|cfree|free|_int_\w+|posix_memalign)",
}
"""The categories of a profile: a name, and a pattern for libraries with symbols."""


class Watch:
    """Samples a process, as a context manager."""

    def __init__(self, process_id: int, output: str) -> None:
        self.command = ["perf", "record", "--quiet", "--call-graph", "fp", "--freq", "1999"]
        self.command += ["--pid", str(process_id), "--output", output]

    def __enter__(self) -> Watch:
        self.child = subprocess.Popen(self.command)
        # perf does not report when it is ready.
        time.sleep(1)
        return self

    def __exit__(self, kind: type | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.child.send_signal(signal.SIGINT)
        self.child.wait()


def shares(path: str) -> dict[str, float]:
    """Returns the share of each of `KINDS` in the samples of a file, in percent."""
    symbols = report(path, "dso,symbol")
    return {
        kind: sum(share for symbol, share in symbols if re.search(pattern, symbol)) for kind, pattern in KINDS.items()
    }


def threads(path: str) -> list[tuple[str, float]]:
    """Returns the busiest threads with their shares, in percent."""
    return [(name, share) for name, share in report(path, "comm") if share >= 1]


def report(path: str, key: str) -> list[tuple[str, float]]:
    """Returns every value of a key, such as `comm`, with its share in percent."""
    command = ["perf", "report", "--input", path, "--no-children", "--call-graph", "none", "--stdio", "--sort", key]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    lines = (re.match(r"\s*([\d.]+)%\s+(.*\S)", line) for line in done.stdout.splitlines())
    return [(line[2], float(line[1])) for line in lines if line]
