# SPDX-License-Identifier: Apache-2.0
"""The options of all comparisons."""

from __future__ import annotations

import argparse
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]


@dataclass
class Options:
    """How to measure, and with which programs."""

    runs: int = 5
    """Runs of each side. A meaningful median needs at least five."""
    binary: str = str(ROOT / ".build" / "release" / "file-share")
    """The app, for complete transfers."""
    measure: str = str(ROOT / "Benchmarks" / ".build" / "release" / "measure")
    """The program that runs our workloads within one process."""
    quick: bool = False
    """Measures less of everything, to check that the comparison works."""

    @staticmethod
    def add_to(parser: argparse.ArgumentParser) -> None:
        """Adds the options that every comparison takes on the command line."""
        defaults = Options()
        runs = f"of each side (default: {defaults.runs}, or 1 with --quick)"
        parser.add_argument("--runs", type=int, help=runs)
        parser.add_argument("--binary", default=defaults.binary, help="file-share")
        parser.add_argument("--measure", default=defaults.measure, help="our measuring program")
        parser.add_argument("--quick", action="store_true", help="measure less of everything, to check that it works")

    @staticmethod
    def of(arguments: argparse.Namespace) -> Options:
        """Reads the options from the command line."""
        runs = arguments.runs or (1 if arguments.quick else Options.runs)
        return Options(runs, arguments.binary, arguments.measure, arguments.quick)
