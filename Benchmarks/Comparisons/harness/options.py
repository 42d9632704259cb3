# SPDX-License-Identifier: Apache-2.0
"""What all comparisons are told."""

from __future__ import annotations

import argparse
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]


@dataclass
class Options:
    """How to measure, and with what."""

    runs: int = 5
    """Runs of each side; five at the least make a median that means something."""
    binary: str = str(ROOT / ".build" / "release" / "file-share")
    """The app, for whole transfers."""
    measure: str = str(ROOT / "Benchmarks" / ".build" / "release" / "measure")
    """The program that runs our workloads inside one process."""
    quick: bool = False
    """Less of everything, to see whether it works."""

    @staticmethod
    def add_to(parser: argparse.ArgumentParser) -> None:
        """The options that every comparison takes on the command line."""
        defaults = Options()
        runs = f"of each side (default: {defaults.runs}, or 1 with --quick)"
        parser.add_argument("--runs", type=int, help=runs)
        parser.add_argument("--binary", default=defaults.binary, help="file-share")
        parser.add_argument("--measure", default=defaults.measure, help="our measuring program")
        parser.add_argument("--quick", action="store_true", help="less of everything, to see whether it works")

    @staticmethod
    def of(arguments: argparse.Namespace) -> Options:
        """From the command line."""
        runs = arguments.runs or (1 if arguments.quick else Options.runs)
        return Options(runs, arguments.binary, arguments.measure, arguments.quick)
