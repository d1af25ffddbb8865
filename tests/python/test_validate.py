# SPDX-License-Identifier: Apache-2.0
"""`orrery validate` on measured GEMMs: a sample of the reference, where it is at hand."""

import json
import os
import subprocess
from pathlib import Path

import pytest

PROGRAM = os.environ.get("ORRERY_PROGRAM", "build/release/orrery")
SOURCE = Path(os.environ.get("ORRERY_SOURCE_DIR", "."))
REFERENCE = SOURCE / os.environ.get("ORRERY_REFERENCE", "../shared/reference")
GEMM = REFERENCE / "nvidia" / "gemm.csv"

pytestmark = pytest.mark.skipif(not GEMM.exists(), reason=f"no reference data at {GEMM}")


def validate(*arguments):
    done = subprocess.run([PROGRAM, "validate", "--measured", GEMM, "--device", "h100-sxm",
                           "--dtype", "bf16", "--json", *arguments],
                          capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_a_sample_of_h100_gemm_is_far_closer_than_a_roofline():
    result = validate("--sample", "16")
    (group,) = result["groups"]
    assert (group["device"], group["phase"], group["dtype"]) == ("h100-sxm", "gemm", "bf16")
    assert group["points"] == 16
    assert group["mape"] < 0.20  # a roofline: 0.46
    assert abs(group["bias"]) < 0.10
    assert result["failed"] == 0


def test_jobs_change_nothing(tmp_path):
    points = []
    for jobs in ("1", "3"):
        file = tmp_path / jobs
        validate("--sample", "6", "--jobs", jobs, "--points", file)
        points.append(file.read_text())
    assert points[0] == points[1]
    assert len(points[0].splitlines()) == 7


def test_points_that_cannot_be_written_do_not_lose_the_summary(tmp_path):
    file = tmp_path / "none" / "points.csv"
    done = subprocess.run([PROGRAM, "validate", "--measured", GEMM, "--device", "h100-sxm",
                           "--dtype", "bf16", "--sample", "2", "--points", file],
                          capture_output=True, text=True)
    assert done.returncode == 2
    assert "MAPE" in done.stdout
    assert done.stderr == f"orrery: {file}: cannot write: No such file or directory\n"
