# SPDX-License-Identifier: Apache-2.0
"""Networks for one scenario: network namespaces, connected by pairs of interfaces."""

from __future__ import annotations

import ctypes
import itertools
import os
import shutil
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from .arena import Arena, ScenarioSkipped
from .processes import Process

TESTS = "ruchePackageTests.xctest"
"""The program of all Swift tests, next to `file-share`."""

_numbers = itertools.count(1)
_NEW_NETWORK = 0x4000_0000


def require(*programs: str) -> None:
    """Skip the scenario if a program or the permission to create networks is missing."""
    for program in ("ip", *programs):
        if shutil.which(program, path=f"{os.environ['PATH']}:/usr/sbin:/sbin") is None:
            raise ScenarioSkipped(f"{program} is not installed")
    if subprocess.run(["unshare", "-n", "true"], capture_output=True).returncode != 0:
        raise ScenarioSkipped("the permission to create network namespaces is missing")


class Namespace:
    """A network namespace, removed with its scenario."""

    def __init__(self, arena: Arena, name: str) -> None:
        self.arena = arena
        self.name = f"ruche-{os.getpid()}-{next(_numbers)}-{name}"
        _run("ip", "netns", "add", self.name)
        arena.on_close(lambda: subprocess.run(["ip", "netns", "delete", self.name], capture_output=True))
        self.run("ip", "link", "set", "lo", "up")

    def run(self, *command: str | Path) -> str:
        """Run a command in the namespace and return its output."""
        return _run(*self._inside(command))

    def start(self, name: str, *command: str | Path, environment: Mapping[str, str] | None = None) -> Process:
        """Start a child in the namespace."""
        settings = [f"{key}={value}" for key, value in (environment or {}).items()]
        return self.arena.start(name, self._inside(["env", *settings, *command]))

    def connect(self, device: str, other: Namespace, other_device: str) -> None:
        """Connect two namespaces by a pair of interfaces."""
        left, right = f"v{os.getpid()}-{next(_numbers)}", f"w{os.getpid()}-{next(_numbers)}"
        _run("ip", "link", "add", left, "type", "veth", "peer", "name", right)
        for link, namespace, name in ((left, self, device), (right, other, other_device)):
            _run("ip", "link", "set", link, "netns", namespace.name, "name", name)
            namespace.run("ip", "link", "set", name, "up")

    def address(self, device: str, *addresses: str) -> None:
        """Give an interface addresses; IPv6 ones are usable at once."""
        for address in addresses:
            extra = ["nodad"] if ":" in address else []
            self.run("ip", "address", "add", address, "dev", device, *extra)

    def _inside(self, command: Sequence[str | Path]) -> list[str | Path]:
        return ["ip", "netns", "exec", self.name, *command]


@contextmanager
def private_network(arena: Arena, prefix: str, count: int) -> Iterator[None]:
    """Move the calling thread, and everything that it starts, to a network with these addresses and nothing else."""
    require()
    libc = ctypes.CDLL(None, use_errno=True)
    before = os.open("/proc/thread-self/ns/net", os.O_RDONLY)
    addresses = itertools.count(1)
    taken, arena.address = arena.address, lambda: f"{prefix}.{next(addresses)}"  # type: ignore[method-assign]
    try:
        assert libc.unshare(_NEW_NETWORK) == 0, os.strerror(ctypes.get_errno())
        _run("ip", "link", "set", "lo", "up")
        for host in range(1, count + 1):
            _run("ip", "address", "add", f"{prefix}.{host}/32", "dev", "lo")
        yield
    finally:
        libc.setns(before, _NEW_NETWORK)
        os.close(before)
        arena.address = taken  # type: ignore[method-assign]


def start_tests(namespace: Namespace, suite: str, environment: Mapping[str, str]) -> Process:
    """Start a suite of the Swift tests in a namespace; skips if they are not built."""
    program = Path(namespace.arena.file_share[-1]).parent / TESTS
    if not program.exists():
        raise ScenarioSkipped(f"the Swift tests are not built: {program}")
    command = [program, "--testing-library", "swift-testing", "--filter", suite]
    return namespace.start(suite, *command, environment=environment)


def _run(*command: str | Path) -> str:
    done = subprocess.run(list(map(str, command)), capture_output=True, text=True)
    assert done.returncode == 0, f"{' '.join(map(str, command))}: {done.stderr.strip()}"
    return done.stdout
