# SPDX-License-Identifier: Apache-2.0
"""Shared by the comparisons: rows and their table, work folders, programs, and the machine's limits.

A comparison is a module of `Benchmarks/Comparisons` with a function `rows(options: Options) -> list[Row]`. `run.py`
finds it by that function. It runs the compared programs in turn, `options.runs` times each.
"""

from .alone import Parser, run_alone
from .measure import measure, measured_rows
from .options import Options, ROOT
from .program import Program
from .table import Row, print_table
from .work import MEMORY, work_folder

__all__ = [
    "MEMORY",
    "Options",
    "Parser",
    "Program",
    "ROOT",
    "Row",
    "measure",
    "measured_rows",
    "print_table",
    "run_alone",
    "work_folder",
]
