"""`python -m bench [NAME…]`: run the benchmarks and print their table."""

from __future__ import annotations

import platform
import sys
from importlib import import_module
from os import cpu_count, getloadavg
from pathlib import Path

from .harness import HEAD, install, line


def main(names: list[str]) -> int:
    own = {"__init__", "__main__", "harness", "volume"}  # `make volume` takes above an hour
    found = sorted(path.stem for path in Path(__file__).parent.glob("*.py") if path.stem not in own)
    if unknown := set(names) - set(found):
        print(f"There is no benchmark {', '.join(sorted(unknown))}; there are {', '.join(found)}.", file=sys.stderr)
        return 2
    print(f"{cpu_count()} cores, Python {platform.python_version()}, load {getloadavg()[0]:.1f} before the run")
    with install() as ready:
        for name in names or found:
            print(f"\n{name}\n{HEAD}", flush=True)
            for figure in import_module(f"bench.{name}").figures(ready):
                print(line(figure), flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
