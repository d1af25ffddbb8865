# SPDX-License-Identifier: Apache-2.0
"""What docs/tutorial-sweep.md is made of: a part of its sweep, and the script that draws it."""

import os
import pathlib
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(os.environ["ORRERY_SOURCE_DIR"]) / "scripts"))
import orrery  # noqa: E402

PROGRAM = os.environ["ORRERY_PROGRAM"]
SOURCE = pathlib.Path(os.environ["ORRERY_SOURCE_DIR"])


def run(*command):
    return subprocess.run(list(map(str, command)), capture_output=True, text=True, check=False, timeout=300)


def test_tables_and_pictures_come_of_the_sweep(tmp_path):
    plan = SOURCE / "configs" / "sweeps" / "maia100-main-job.yaml"
    assert run(PROGRAM, "sweep", plan, "-o", tmp_path, "--sample", 8, "--jobs", 2).returncode == 0
    drawn = run(SOURCE / "scripts" / "plot_sweep_tutorial", tmp_path / "sweep.h5", tmp_path)
    assert drawn.returncode == 0, drawn.stderr
    frame = orrery.sweep_frame(tmp_path / "sweep.h5")
    prefill = frame[frame["workload"] == "llama-3.1-8b-prefill"]
    assert drawn.stdout.startswith(f"4 designs, {(prefill['die_area'] <= 858).sum()} with a die of 858 mm² at most")
    best = [line.split("|") for line in drawn.stdout.split("Most requests a second for their cost:")[1].splitlines()
            if line.startswith("| ")][1]
    milliseconds, step, rate = (float(best[column]) for column in (9, 10, 11))
    assert abs(rate - 1000 / (milliseconds + 8 * step)) < 0.02
    for name in ("sensitivity", "front", "clock"):
        assert (tmp_path / f"tutorial_{name}.png").stat().st_size > 5000


def test_another_file_is_refused_in_one_line(tmp_path):
    (tmp_path / "x.h5").write_text("no")
    drawn = run(SOURCE / "scripts" / "plot_sweep_tutorial", tmp_path / "x.h5", tmp_path)
    assert drawn.returncode == 1 and drawn.stderr.count("\n") == 1 and "not an HDF5 file" in drawn.stderr
