#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Fails on an #include that goes against the architecture.

    scripts/check_layers.py [repository root]

Folders include downwards only, inside arch only the files that wire the chip see memory and
network, and headers of some libraries stop at one folder. Tests and benchmarks may include
everything. Prints a line "file:line: what is wrong" for each offence and exits 1 if there is one.
"""

import re
import sys
from pathlib import Path

# Folder -> folders that it may include besides itself.
BELOW = {
    "sim": [],
    "mem": ["sim"],
    "noc": ["sim"],
    "power": ["sim"],
    "arch": ["mem", "noc", "power", "sim"],
    "workloads": ["arch", "mem", "noc", "power", "sim"],
    "results": ["sim"],
    "sweep": ["results", "workloads", "arch", "mem", "noc", "power", "sim"],
    "report": ["results", "sim"],
    "cli": ["report", "sweep", "results", "workloads", "arch", "mem", "noc", "power", "sim"],
}
# Beginning of a library's headers -> the only folder that may include them; the first that fits counts.
LIBRARY_HOME = {
    "hdf5": "results",
    "H5": "results",
    "boost/random/": "sweep",
    "boost/": "cli",
    "yaml-cpp/": "sim",
    "google/protobuf": "report",
    "report/perfetto_trace.pb": "report",
}

EXEMPT = {"tests", "benchmarks", "build", "docs", "configs", "scripts"}
SOURCE_SUFFIXES = {".h", ".hpp", ".cpp", ".cc"}
INCLUDE = re.compile(r'^\s*#\s*include\s*(?:"([^"]+)"|<([^>]+)>)')


def is_source(path):
    return path.suffix in SOURCE_SUFFIXES and path.is_file()


def offence(folder, file_name, quoted, angled):
    """What is wrong with an include in `folder`/`file_name`, or None."""
    target = quoted or angled
    home = next((home for beginning, home in LIBRARY_HOME.items() if target.startswith(beginning)), folder)
    if folder != home:
        return f"only {home} may include <{target}>"
    target_folder = target.split("/")[0] if "/" in target else ""
    if target_folder not in BELOW:
        if quoted:
            return f'"{quoted}" does not name its folder from the root of the repository'
        return None
    if target_folder != folder and target_folder not in BELOW[folder]:
        return f"{folder} may not include {target_folder} (it may: {', '.join(BELOW[folder]) or 'nothing'})"
    if folder == "arch" and target_folder in ("mem", "noc") and not file_name.startswith("chip"):
        return f"inside arch only chip* may include {target_folder}"
    return None


def violations(root):
    for top in sorted(path for path in root.iterdir() if path.is_dir()):
        if top.name in EXEMPT or top.name.startswith((".", "build", "results-")):
            continue
        for path in sorted(p for p in top.rglob("*") if is_source(p)):
            relative = path.relative_to(root)
            if top.name not in BELOW:
                yield f"{relative}: folder {top.name} has no place in the order of folders"
                break
            for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
                include = INCLUDE.match(line)
                wrong = include and offence(top.name, path.name, include[1], include[2])
                if wrong:
                    yield f"{relative}:{number}: {wrong}"


def main():
    if len(sys.argv) > 2 or sys.argv[1:2] in (["-h"], ["--help"]):
        print(__doc__.strip())
        return 0 if len(sys.argv) == 2 else 2
    root = Path(sys.argv[1]) if len(sys.argv) == 2 else Path(__file__).resolve().parent.parent
    if not (root / "sim").is_dir():
        print(f"check_layers.py: {root}: no folder sim in it, expected Orrery's root", file=sys.stderr)
        return 2
    found = list(violations(root))
    for line in found:
        print(line)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
