"""`python -m bench` prints one table: every figure beside a reference measured in the same run.

python -m bench                     everything, about fifteen minutes on two cores
python -m bench engine reminders    only these
"""

from __future__ import annotations

import argparse
import importlib
import sys
import time

from bench.rows import Row

PARTS = (
    *("audit", "crypto", "engine", "bookings", "latency"),
    *("fanout", "records", "reminders", "terminology"),
)


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("parts", nargs="*", metavar="part", help=f"of {', '.join(PARTS)}")
    chosen = parser.parse_args().parts or list(PARTS)
    if unknown := set(chosen) - set(PARTS):
        parser.error(f"there is no part {', '.join(sorted(unknown))}; choose of {', '.join(PARTS)}")
    table: list[Row] = []
    for part in chosen:
        begun = time.monotonic()
        print(f"{part} ...", file=sys.stderr, flush=True)
        table += importlib.import_module(f"bench.{part}").rows()
        print(f"{part}: {time.monotonic() - begun:.0f} s", file=sys.stderr, flush=True)
    show(table)
    return 0


def show(table: list[Row]) -> None:
    """Print the rows in columns: what, how much, against what, the ratio, the target."""
    cells = [
        (
            row.name,
            f"{row.value:,.3g}" if row.value < 100 else f"{row.value:,.0f}",
            row.unit,
            row.reference,
            "" if row.ratio is None else f"{row.ratio:.2f}",
            row.target,
        )
        for row in table
    ]
    head = ("what", "value", "unit", "reference of the same run", "ratio", "target")
    widths = [max(len(cell[at]) for cell in (head, *cells)) for at in range(len(head))]
    for cell in (head, tuple("-" * width for width in widths), *cells):
        print(
            "  ".join(text.ljust(width) for text, width in zip(cell, widths, strict=True)).rstrip()
        )


if __name__ == "__main__":
    raise SystemExit(main())
