# SPDX-License-Identifier: Apache-2.0
"""What the comparisons share: rows and their table, the machine's limits, our measuring program.

A comparison is a module of `Benchmarks/Comparisons` with a function `rows(options: Options) -> list[Row]`. `run.py`
finds it by that function. Whatever it compares it runs in turn, `options.runs` times each.
"""

from .measure import measure
from .options import Options, ROOT
from .table import Row, print_table

__all__ = ["Options", "ROOT", "Row", "measure", "print_table"]
