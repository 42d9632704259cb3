# SPDX-License-Identifier: Apache-2.0
"""One table for all that was measured."""

from __future__ import annotations

import statistics
from dataclasses import dataclass, field

COLUMNS = ["median", "ours", "theirs", "limit", "ratio", "reach"]


@dataclass
class Row:
    """One line: what was measured, on each side, run by run."""

    what: str
    unit: str
    ours: list[float]
    theirs: list[float] = field(default_factory=list)
    """libtorrent's; empty where it has nothing to compare."""
    limit: list[float] = field(default_factory=list)
    """What the machine does at best; empty where that means nothing."""
    more_is_better: bool = True

    def cells(self) -> list[str]:
        """As text: medians, then our advantage over them (above 1 is ours) and our share of what is possible."""
        return [
            self.what,
            self.amount(self.ours),
            self.amount(self.theirs),
            self.amount(self.limit),
            self.quotient(self.theirs, "{:.2f}"),
            self.quotient(self.limit, "{:.0%}"),
        ]

    def amount(self, values: list[float]) -> str:
        """The median with its unit."""
        if not values:
            return ""
        value = statistics.median(values)
        digits = 0 if value >= 100 else 1 if value >= 10 else 2
        return f"{value:,.{digits}f} {self.unit}".rstrip()

    def quotient(self, others: list[float], form: str) -> str:
        """Ours against others', turned so that more is better."""
        if not others or not self.ours:
            return ""
        ours, theirs = statistics.median(self.ours), statistics.median(others)
        if not ours or not theirs:
            return ""
        return form.format(ours / theirs if self.more_is_better else theirs / ours)


def print_table(rows: list[Row]) -> None:
    """In Markdown, its columns in line, so that it reads in a terminal and in a document."""
    lines = [COLUMNS] + [row.cells() for row in rows]
    widths = [max(len(line[column]) for line in lines) for column in range(len(COLUMNS))]
    lines.insert(1, ["-" * width for width in widths])
    for line in lines:
        print("| " + " | ".join(cell.ljust(width) for cell, width in zip(line, widths)) + " |")
