# SPDX-License-Identifier: Apache-2.0
"""Runs a single comparison from the command line."""

from __future__ import annotations

import argparse
from collections.abc import Callable

from .options import Options
from .table import Row, print_table


class Parser(argparse.ArgumentParser):
    """Describes a comparison by its docstring, and accepts the common options."""

    def __init__(self, description: str | None) -> None:
        super().__init__(description=description, formatter_class=argparse.RawDescriptionHelpFormatter)
        Options.add_to(self)


def run_alone(rows: Callable[[Options], list[Row]], description: str | None) -> None:
    """Runs a comparison without options of its own."""
    print_table(rows(Options.of(Parser(description).parse_args())))
