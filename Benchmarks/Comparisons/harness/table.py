# SPDX-License-Identifier: Apache-2.0
"""The table of all measurements."""

from __future__ import annotations

import statistics
from dataclasses import dataclass, field

COLUMNS = ["median", "ours", "theirs", "limit", "ratio", "reach"]


@dataclass
class Row:
    """A line of the table: a measured quantity, with the values of all runs on each side."""

    what: str
    unit: str
    ours: list[float]
    theirs: list[float] = field(default_factory=list)
    """libtorrent's values; empty if it has no counterpart."""
    limit: list[float] = field(default_factory=list)
    """The machine's limit; empty if there is none."""
    more_is_better: bool = True

    def cells(self) -> list[str]:
        """Returns the cells as text: medians, the ratio to libtorrent (above 1 is ours), the share of the limit."""
        return [
            self.what,
            self.amount(self.ours),
            self.amount(self.theirs),
            self.amount(self.limit),
            self.quotient(self.theirs, "{:.2f}"),
            self.quotient(self.limit, "{:.0%}"),
        ]

    def amount(self, values: list[float]) -> str:
        """Returns the median with its unit."""
        if not values:
            return ""
        value = statistics.median(values)
        digits = 0 if value >= 100 else 1 if value >= 10 else 2
        return f"{value:,.{digits}f} {self.unit}".rstrip()

    def quotient(self, others: list[float], form: str) -> str:
        """Returns our median divided by the others', or the inverse if less is better."""
        if not others or not self.ours:
            return ""
        ours, theirs = statistics.median(self.ours), statistics.median(others)
        if not ours or not theirs:
            return ""
        return form.format(ours / theirs if self.more_is_better else theirs / ours)


def print_table(rows: list[Row]) -> None:
    """Prints Markdown with aligned columns, to be readable in a terminal as well as in a document."""
    lines = [COLUMNS] + [row.cells() for row in rows]
    widths = [max(len(line[column]) for line in lines) for column in range(len(COLUMNS))]
    lines.insert(1, ["-" * width for width in widths])
    for line in lines:
        print("| " + " | ".join(cell.ljust(width) for cell, width in zip(line, widths)) + " |")
