# SPDX-License-Identifier: Apache-2.0
"""Runs selected scenarios, a few at a time, and leaves nothing behind."""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
import time
import traceback
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from .arena import Arena, ScenarioSkipped
from .content import Library
from .processes import kill_all, kill_all_on_exit
from .registry import Registry, Scenario
from .report import Report
from .torrents import TorrentPress

INTEROP_FOLDER = Path(__file__).resolve().parent.parent
DEFAULT_BINARY = INTEROP_FOLDER.parent.parent / ".build/release/file-share"
STAND_IN = [sys.executable, str(INTEROP_FOLDER / "harness/clients/lt_peer.py")]
CONTENT_SEED = 20260


def make_parser(description: str) -> argparse.ArgumentParser:
    """The options that all harnesses share."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--binary", type=Path, default=DEFAULT_BINARY, help="the file-share to test")
    parser.add_argument("--self-check", action="store_true", help="libtorrent plays Ruche: tests the harness itself")
    parser.add_argument("--work", type=Path, help="where payload and logs go (default: a new folder under /tmp)")
    parser.add_argument("--keep", action="store_true", help="keep the files of scenarios that passed too")
    return parser


def add_scenario_options(parser: argparse.ArgumentParser) -> None:
    """The options of harnesses that run scenarios from a registry."""
    parser.add_argument("--only", metavar="PATTERN", help="names that contain this; commas separate alternatives")
    parser.add_argument("--list", action="store_true", help="list the scenarios and what each shows")
    parser.add_argument("--quick", action="store_true", help="only the smoke run")
    parser.add_argument("--jobs", type=int, default=2, help="concurrent scenarios")


def file_share_command(options: argparse.Namespace) -> list[str]:
    """The command that plays Ruche."""
    if options.self_check:
        return STAND_IN
    if not options.binary.exists():
        sys.exit(f"{options.binary} does not exist: build it, or name another with --binary")
    return [str(options.binary.resolve())]


def run(registry: Registry, options: argparse.Namespace) -> int:
    """Run what the options select; the exit status."""
    scenarios = registry.selected(options.only, options.quick)
    if options.list:
        for scenario in scenarios:
            print(f"{scenario.name:<44} {scenario.shows}")
        return 0
    file_share = file_share_command(options)
    report = Report()
    with work_folder(options) as folder:
        library = Library(folder / "content", CONTENT_SEED)
        press = TorrentPress(folder / "torrents")

        def run_one(scenario: Scenario) -> None:
            arena = Arena(folder / scenario.name, file_share, library, press, scenario.timeout_seconds)
            _run_scenario(scenario, arena, report, options.keep)

        _run_all([s for s in scenarios if not s.alone], run_one, options.jobs)
        _run_all([s for s in scenarios if s.alone], run_one, 1)
        shutil.rmtree(library.folder, ignore_errors=True)
    return report.close()


class work_folder:  # noqa: N801 (used like a function)
    """The folder for all files; removed afterwards unless something is kept in it."""

    def __init__(self, options: argparse.Namespace) -> None:
        kill_all_on_exit()
        self._path = options.work or Path(tempfile.mkdtemp(prefix="interop-"))

    def __enter__(self) -> Path:
        self._path.mkdir(parents=True, exist_ok=True)
        return self._path.resolve()

    def __exit__(self, *_: object) -> None:
        kill_all()
        shutil.rmtree(self._path / "torrents", ignore_errors=True)
        if not any(self._path.iterdir()):
            self._path.rmdir()


def _run_all(scenarios: Sequence[Scenario], run_one: Callable[[Scenario], None], jobs: int) -> None:
    with ThreadPoolExecutor(max_workers=jobs) as pool:
        try:
            list(pool.map(run_one, scenarios))
        except KeyboardInterrupt:
            pool.shutdown(wait=False, cancel_futures=True)
            kill_all()
            raise


def _run_scenario(scenario: Scenario, arena: Arena, report: Report, keep: bool) -> None:
    started = time.monotonic()
    failure = ""
    try:
        scenario.body(arena)
    except ScenarioSkipped as reason:
        report.add_skip(scenario.name, str(reason))
        return
    except AssertionError as reason:
        failure = str(reason)
    except Exception:
        failure = "the harness itself failed\n" + traceback.format_exc()
    finally:
        arena.close()
    seconds = time.monotonic() - started
    if failure:
        logs = "\n".join(filter(None, (process.log_tail() for process in arena.processes)))
        report.add_failure(scenario.name, seconds, failure, logs)
        return
    rate = arena.moved_bytes / arena.moved_seconds if arena.moved_seconds else None
    report.add_pass(scenario.name, seconds, arena.notes, rate)
    if not keep:
        arena.discard()
