#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Runs the comparisons one after another and prints one table.

    run.py                          all
    run.py --only transfer,codecs   some
    run.py --list                   their names
    run.py --quick                  all, with less of everything, to check that they work

Ruche, libtorrent and the machine's limit are measured in turn in the same run. The table has medians: `ratio`
compares Ruche with libtorrent, above 1 in our favour; `reach` is our share of the limit. This is not a test.
"""

from __future__ import annotations

import argparse
import importlib.util
import sys
import time
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

from harness import Options, Row, print_table

FOLDER = Path(__file__).resolve().parent
FIRST = ["transfer", "cores", "hashing", "picking", "codecs", "scale"]


def comparisons() -> dict[str, Callable[[Options], list[Row]]]:
    """Returns every module here that has a function `rows`, the usual ones first."""
    names = sorted(path.stem for path in FOLDER.glob("*.py") if path.stem != "run")
    names.sort(key=lambda name: FIRST.index(name) if name in FIRST else len(FIRST))
    modules = {name: load(name) for name in names}
    return {name: module.rows for name, module in modules.items() if hasattr(module, "rows")}


def load(name: str) -> ModuleType:
    """Loads a module by its path, because a name such as `codecs` belongs to the standard library."""
    specification = importlib.util.spec_from_file_location(f"comparison_{name}", FOLDER / f"{name}.py")
    assert specification and specification.loader
    module = importlib.util.module_from_spec(specification)
    sys.modules[specification.name] = module
    specification.loader.exec_module(module)
    return module


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", help="names separated by commas")
    parser.add_argument("--list", action="store_true", help="print the names and exit")
    Options.add_to(parser)
    arguments = parser.parse_args()
    known = comparisons()
    if arguments.list:
        print("\n".join(known))
        return
    chosen = arguments.only.split(",") if arguments.only else list(known)
    strangers = [name for name in chosen if name not in known]
    if strangers:
        raise SystemExit(f"no comparison {', '.join(strangers)}: there are {', '.join(known)}")
    table: list[Row] = []
    for name in chosen:
        begun = time.monotonic()
        table += known[name](Options.of(arguments))
        print(f"{name}: {time.monotonic() - begun:.0f} s", file=sys.stderr, flush=True)
    print_table(table)


if __name__ == "__main__":
    main()
