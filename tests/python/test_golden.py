# SPDX-License-Identifier: Apache-2.0
"""Exact results of small runs. A change of a number here is a change of the model and belongs into the
commit that makes it; `scripts/regenerate_golden` writes all files anew, so that the diff shows it."""
import json
import os
import pathlib
import subprocess

import pytest

PROGRAM = os.environ["ORRERY_PROGRAM"]
GOLDEN = pathlib.Path(os.environ["ORRERY_SOURCE_DIR"]) / "tests" / "golden"
MODEL = ["--model", GOLDEN / "two-layers.json", "--context", "96"]
RUNS = {
    "tiny-gemm": ["-c", "tiny", "-w", GOLDEN / "gemm.csv"],
    "tiny-prefill": ["-c", "tiny", *MODEL, "--phase", "prefill"],
    "npu4-prefill": ["-c", "npu4", *MODEL, "--phase", "prefill"],
    "npu4-decode": ["-c", "npu4", *MODEL, "--phase", "decode", "--batch", "4"],
}
# What the simulator cost, and how often it woke.
COSTS = ("cpu_seconds", "peak_rss_mb", "events")


def result_of(name):
    ran = subprocess.run([PROGRAM, "run", *map(str, RUNS[name]), "--json"], capture_output=True, text=True,
                         check=False)
    assert ran.returncode == 0, ran.stderr
    result = json.loads(ran.stdout)
    for cost in COSTS:
        del result[cost]
    return result


def text_of(result):
    """One line an operator, so that a diff is a diff of numbers."""
    head = {key: value for key, value in result.items() if key != "ops"}
    ops = ",\n".join("  " + json.dumps(op) for op in result["ops"])
    return json.dumps(head, indent=1)[:-2] + ',\n "ops": [\n' + ops + "\n ]\n}\n"


@pytest.mark.parametrize("name", RUNS)
def test_numbers_are_those_of_the_golden_file(name):
    result = text_of(result_of(name))
    path = GOLDEN / f"{name}.json"
    if os.environ.get("ORRERY_REGENERATE_GOLDEN"):
        path.write_text(result)
    assert result.splitlines() == path.read_text().splitlines()
