# SPDX-License-Identifier: Apache-2.0
"""`orrery validate`: what it says of measurements, on made-up ones of the chip `tiny`, and on a sample of the
reference's, where they are at hand."""

import csv
import json
import os
import subprocess
from pathlib import Path

import pytest

PROGRAM = os.environ.get("ORRERY_PROGRAM", "build/release/orrery")
SOURCE = Path(os.environ.get("ORRERY_SOURCE_DIR", "."))
REFERENCE = SOURCE / os.environ.get("ORRERY_REFERENCE", "../shared/reference")
GEMM = REFERENCE / "nvidia" / "gemm.csv"

needs_reference = pytest.mark.skipif(not GEMM.exists(), reason=f"no reference data at {GEMM}")

# The family (64, 64) is in the fitting half, (64, 256) in the tested one.
ROWS = """device,dtype,m,n,k,latency_us
tiny,bf16,64,64,64,2
tiny,bf16,64,64,256,2
tiny,bf16,256,64,256,5
tiny,int4,64,64,64,1
none,bf16,64,64,64,1
"""


def orrery_validate(*arguments):
    return subprocess.run([PROGRAM, "validate", *map(str, arguments)], capture_output=True, text=True,
                          check=False)


@pytest.fixture
def measured(tmp_path):
    path = tmp_path / "rows.csv"
    path.write_text(ROWS)
    return path


def validate(*arguments):
    done = orrery_validate("--measured", GEMM, "--device", "h100-sxm", "--dtype", "bf16", "--json", *arguments)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_json_has_figures_of_all_rows_and_of_parts(measured):
    done = orrery_validate("--measured", measured, "--json")
    assert done.returncode == 0, done.stderr
    result = json.loads(done.stdout)
    (group,) = result["groups"]
    for key in ("mape", "median_ape", "p90_ape", "worst_ape", "bias", "mape_over_10us", "mape_over_100us"):
        assert key in group
    assert group["points"] == 3
    assert group["tested"]["points"] == 2
    assert group["worst_ape"] >= group["p90_ape"] >= group["median_ape"]
    assert group["over_100us"] is None and group["mape_over_100us"] is None
    assert result["skipped"] == {"none: no such chip in " + str(SOURCE / "configs/chips"): 1,
                                 "tiny: does not compute in int4": 1}
    assert 0 < result["cpu_seconds_row"]["median"] <= result["cpu_seconds_row"]["p95"] < result["cpu_seconds"]


def test_the_worst_rows_are_explained(measured):
    done = orrery_validate("--measured", measured, "--json", "--worst", 2)
    worst = json.loads(done.stdout)["worst"]
    assert len(worst) == 2
    assert abs(worst[0]["error"]) >= abs(worst[1]["error"])
    for row in worst:
        assert row["tile"] and row["waves"] > 0 and row["bound"]
        assert sum(row["shares"].values()) == pytest.approx(1)
        assert row["runner_up_estimate_us"] >= row["estimate_us"]
    text = orrery_validate("--measured", measured).stdout
    assert "farthest off: tiny gemm bf16" in text
    assert worst[0]["tile"] in text
    assert orrery_validate("--measured", measured, "--worst", 0).stdout.count("farthest off") == 0


def test_halves_part_the_rows(measured, tmp_path):
    file = tmp_path / "points.csv"
    lines = {}
    for half in ("fit", "test", "all"):
        assert orrery_validate("--measured", measured, "--half", half, "--points", file).returncode == 0
        rows = list(csv.DictReader(file.open()))
        assert half == "all" or {row["half"] for row in rows} == {half}
        lines[half] = {row["line"] for row in rows}
    assert lines["fit"] | lines["test"] == lines["all"]
    assert lines["fit"] == {"2"}


def test_the_limit_decides_the_exit_code(measured):
    done = orrery_validate("--measured", measured, "--max-mape", "0.5")
    assert done.returncode == 1
    assert "MAPE" in done.stdout
    assert done.stderr.startswith("orrery: tiny gemm bf16: MAPE ")
    assert done.stderr.endswith(" % of 3 rows is over 0.5 %\n")
    assert orrery_validate("--measured", measured, "--max-mape", "100000").returncode == 0


def test_overrides_reach_every_row(measured, tmp_path):
    times = []
    for launch in ("0 us", "10 us"):
        file = tmp_path / "points.csv"
        orrery_validate("--measured", measured, "--points", file, "--set", f"dispatch.kernel_launch={launch}")
        times.append([float(row["simulated_us"]) for row in csv.DictReader(file.open())])
    assert all(late - early == pytest.approx(10, abs=0.5) for early, late in zip(*times))


@pytest.mark.parametrize("arguments, message", [
    (["--half", "both"], "validate: --half 'both': expected fit, test or all"),
    (["--max-mape", "ten"], "validate: --max-mape 'ten': expected a number from 0 to 1000000"),
    (["--max-mape", "-1"], "validate: --max-mape '-1': expected a number from 0 to 1000000"),
    (["--worst", "2000"], "validate: --worst '2000': expected a whole number from 0 to 1000"),
    (["--device", "other"], "{file}: no row is of that device, phase, dtype and half"),
    (["--phase", "decode"], "{file}: no row is of that device, phase, dtype and half"),
])
def test_bad_usage_is_one_line_and_exit_2(measured, arguments, message):
    done = orrery_validate("--measured", measured, *arguments)
    assert done.returncode == 2
    assert done.stdout == ""
    assert done.stderr == "orrery: " + message.format(file=measured) + "\n"


def test_fitted_constants_are_listed(tmp_path):
    chip = (SOURCE / "configs/chips/tiny.yaml").read_text().replace("name: tiny", "name: mine\nfamily: small")
    (tmp_path / "mine.yaml").write_text(
        chip + "fitted:\n  - {constant: dispatch.kernel_launch, range: [0 us, 1 us], on: a bench}\n")
    measured = tmp_path / "rows.csv"
    measured.write_text("device,dtype,m,n,k,latency_us\nmine,bf16,64,64,64,2\n")
    done = orrery_validate("--measured", measured, "--chips", tmp_path, "--json")
    assert json.loads(done.stdout)["fitted"] == {"mine": {"family": "small", "constants": [
        {"constant": "dispatch.kernel_launch", "value": "200 ns", "least": "0 us", "most": "1 us", "on": "a bench"}]}}
    assert "a bench" in orrery_validate("--measured", measured, "--chips", tmp_path).stdout
    shown = subprocess.run([PROGRAM, "show", "chip", tmp_path / "mine.yaml"], capture_output=True, text=True,
                           check=True)
    assert "0 us to 1 us" in shown.stdout


@needs_reference
def test_a_sample_of_h100_gemm_is_far_closer_than_a_roofline():
    result = validate("--sample", "16", "--worst", "0")
    (group,) = result["groups"]
    assert (group["device"], group["phase"], group["dtype"]) == ("h100-sxm", "gemm", "bf16")
    assert group["points"] == 16
    assert group["mape"] < 0.20  # a roofline: 0.46
    assert abs(group["bias"]) < 0.10
    assert result["failed"] == 0


@needs_reference
def test_jobs_change_nothing(tmp_path):
    points = []
    for jobs in ("1", "3"):
        file = tmp_path / jobs
        validate("--sample", "6", "--jobs", jobs, "--points", file, "--worst", "0")
        points.append(list(csv.DictReader(file.open())))
        for row in points[-1]:
            del row["cpu_s"]  # what it cost, not what it found
    assert points[0] == points[1]
    assert len(points[0]) == 6


def test_points_that_cannot_be_written_do_not_lose_the_summary(measured, tmp_path):
    file = tmp_path / "none" / "points.csv"
    done = orrery_validate("--measured", measured, "--points", file)
    assert done.returncode == 2
    assert "MAPE" in done.stdout
    assert done.stderr == f"orrery: {file}: cannot write: No such file or directory\n"


def test_a_sampled_run_says_so_and_is_close(tmp_path):
    file = tmp_path / "large.csv"
    file.write_text("device,dtype,m,n,k,latency_us\ntiny,bf16,1024,1024,4096,2000\ntiny,bf16,64,64,64,2\n")
    points = {}
    for name, options in (("full", []), ("sampled", ["--sampling"])):
        out = tmp_path / f"{name}.csv"
        done = orrery_validate("--measured", file, "--json", "--worst", 0, "--points", out, *options)
        assert done.returncode == 0, done.stderr
        assert ("sampling" in json.loads(done.stdout)) == (name == "sampled")
        points[name] = list(csv.DictReader(out.open()))
    full, sampled = points["full"], points["sampled"]
    assert float(sampled[0]["simulated_us"]) == pytest.approx(float(full[0]["simulated_us"]), rel=0.02)
    assert float(sampled[0]["simulated_share"]) < 0.8
    assert sampled[1]["simulated_us"] == full[1]["simulated_us"]  # too small to sample
    assert {row["simulated_share"] for row in full} == {"1.0000"}
    assert "estimated error" in orrery_validate("--measured", file, "--sampling", "--worst", 0).stdout


def test_rows_without_a_mode_begin_as_far_throttled_as_a_series_of_them_does(tmp_path):
    path = tmp_path / "rows.csv"
    path.write_text("device,dtype,m,n,k,latency_us,mode\n" + "".join(
        f"h100-sxm,bf16,{shape},1,{mode}\n" for shape in ("512,512,512", "8192,8192,4096")
        for mode in ("", "burst", "sustained")))
    points = tmp_path / "points.csv"
    done = orrery_validate("--measured", path, "--sampling", "--worst", "0", "--points", points)
    assert done.returncode == 0, done.stderr
    times = [float(row["simulated_us"]) for row in csv.DictReader(points.open())]
    assert times[0] == times[1]
    assert times[4] * 1.02 < times[3] <= times[5] * 1.02


def test_rows_do_not_depend_on_what_ran_before_them(tmp_path):
    """Workers go through many rows on one chip, which is reset between them."""
    header = "device,dtype,m,n,k,latency_us\n"
    rows = [f"tiny,bf16,{m},{n},{k},5\n" for m, n, k in
            ((64, 64, 64), (300, 200, 100), (64, 512, 64), (1, 1000, 300), (128, 128, 128))]
    times = []
    for order in (rows, rows[::-1], [rows[2]]):
        file, out = tmp_path / "rows.csv", tmp_path / "points.csv"
        file.write_text(header + "".join(order))
        assert orrery_validate("--measured", file, "--worst", 0, "--points", out).returncode == 0
        times.append({row["shape"]: row["simulated_us"] for row in csv.DictReader(out.open())})
    assert times[0] == times[1]
    assert times[2].items() <= times[0].items()
