# SPDX-License-Identifier: Apache-2.0
"""`orrery sweep` as a user calls it: plans, stops and goes on, what it leaves and what it says to bad input."""
import json
import os
import pathlib
import signal
import subprocess
import time

import h5py
import pytest
import xarray

PROGRAM = os.environ["ORRERY_PROGRAM"]
SOURCE = pathlib.Path(os.environ["ORRERY_SOURCE_DIR"])
WORKLOADS = """
workloads:
  - {name: small, operators: [{name: a, kind: gemm, m: 256, n: 256, k: 256}]}
  - {name: large, operators: [{name: a, kind: gemm, m: 512, n: 512, k: 256}]}
"""
GRID = """
axes:
  core.clock: {from: 1 GHz, to: 1.5 GHz, steps: 3}
  network.hop: [5 clk, 10 clk]
"""


def orrery(*arguments, **more):
    return subprocess.run([PROGRAM, *map(str, arguments)], capture_output=True, text=True, check=False, **more)


@pytest.fixture
def plan(tmp_path):
    def write(text=GRID, chips="[tiny]", workloads=WORKLOADS):
        path = tmp_path / "plan.yaml"
        path.write_text(f"chips: {chips}\n{workloads}{text}")
        return path
    return write


def content_hash(folder):
    with h5py.File(folder / "sweep.h5") as file:
        assert file.attrs["format"] == "orrery-sweep"
        return file.attrs["content_hash"]


def counts(done):
    assert done.returncode in (0, 1), done.stderr
    return json.loads(done.stdout)


def test_points_agree_with_runs_of_their_own_and_xarray_reads_them(plan, tmp_path):
    out = tmp_path / "out"
    done = orrery("sweep", plan(chips="[tiny, npu4]"), "-o", out, "--jobs", 2)
    assert done.returncode == 0, done.stderr
    assert "24 points: 24 complete, 0 infeasible; 24 run now" in done.stdout
    points = xarray.open_dataset(out / "sweep.h5", group="points", engine="h5netcdf")
    assert set(points.coords) == {"point", "chip", "workload", "core.clock", "network.hop"}
    assert points["core.clock"].units == "Hz" and points.total_time.units == "fs"
    frame = points.to_dataframe()
    frame["chip"] = [points.chip.flag_meanings.split()[code] for code in frame.chip]
    workload = tmp_path / "large.yaml"
    workload.write_text("operators: [{name: a, kind: gemm, m: 512, n: 512, k: 256}]\n")
    for chip in ("tiny", "npu4"):
        ran = orrery("run", "-c", chip, "-w", workload, "--set", "core.clock=1.25 GHz", "--set",
                     "network.hop=5 clk", "--json")
        summary = json.loads(ran.stdout)["summary"]
        row = frame[(frame.chip == chip) & (frame.workload == 1) & (frame["core.clock"] == 1.25e9)
                    & (frame["network.hop"] == 5)].iloc[0]
        assert row.total_time == summary["total_time"]["value"]
        assert row.hbm_bytes == summary["hbm_bytes"]["value"]
        stalls = [row[name] for name in frame.columns if name.startswith("time_")]
        assert sum(stalls) == pytest.approx(row.total_time)


def test_jobs_order_and_repetition_do_not_show(plan, tmp_path):
    for name, jobs in (("a", 1), ("b", 3)):
        assert orrery("sweep", plan(), "-o", tmp_path / name, "--jobs", jobs).returncode == 0
    assert content_hash(tmp_path / "a") == content_hash(tmp_path / "b")


def test_a_plan_that_grew_runs_what_is_new_and_failed_points_alone(plan, tmp_path):
    out = tmp_path / "out"
    assert "12 run now" in orrery("sweep", plan(), "-o", out).stdout
    again = orrery("sweep", plan(), "-o", out)
    assert again.returncode == 2
    assert "holds a sweep already; --resume goes on with it" in again.stderr
    assert "; 0 run now" in orrery("sweep", plan(), "-o", out, "--resume").stdout
    grown = plan(GRID.replace("[5 clk, 10 clk]", "[5 clk, 10 clk, 15 clk]"))
    assert "18 points: 12 complete, 0 infeasible, 6 not run\n" in orrery("sweep", grown, "-o", out, "--check").stdout
    assert "18 points: 0 complete, 0 infeasible, 18 not run\n" in orrery("sweep", grown, "--check").stdout
    done = orrery("sweep", grown, "-o", out, "--resume")
    assert "18 points: 18 complete, 0 infeasible; 6 run now" in done.stdout
    fresh = tmp_path / "fresh"
    assert orrery("sweep", grown, "-o", fresh).returncode == 0
    assert content_hash(out) == content_hash(fresh)


# Long enough to be stopped in the middle: some hundredths of a second a point.
LONG_WORKLOADS = """
workloads:
  - {name: long, operators: [{name: a, kind: gemm, m: 1024, n: 1024, k: 512}]}
"""
LONG_GRID = """
axes:
  core.clock: {from: 1 GHz, to: 2 GHz, steps: 11}
  network.hop: [5 clk, 10 clk, 15 clk, 20 clk]
"""


def children(process):
    listed = pathlib.Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text()
    return [int(child) for child in listed.split()]


def records(folder):
    return sum(max(0, len(shard.read_bytes().splitlines()) - 1) for shard in (folder / "shards").glob("*.shard"))


def wait_for(condition, seconds=60):
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.005)


def test_kill_9_of_workers_and_of_the_sweep_loses_points_in_flight_at_most(plan, tmp_path):
    path = plan(LONG_GRID, workloads=LONG_WORKLOADS)
    whole = tmp_path / "whole"
    assert orrery("sweep", path, "-o", whole).returncode == 0
    out = tmp_path / "out"
    for stop in range(2):
        sweep = subprocess.Popen([PROGRAM, "sweep", path, "-o", out, "--jobs", "2", "--resume"],
                                 stdout=subprocess.DEVNULL)
        wait_for(lambda: (out / "shards").exists() and records(out) >= 6 + 14 * stop)
        for worker in children(sweep)[:1]:
            os.kill(worker, signal.SIGKILL)  # it is tried again
        wait_for(lambda: records(out) >= 9 + 14 * stop)
        assert sweep.poll() is None, "it ended before it could be killed"
        sweep.kill()
        sweep.wait()
    found = records(out)
    assert 20 <= found < 44
    partial = counts(orrery("sweep", "--collect", out, "--json"))
    assert partial["complete"] >= found - 4 and partial["not_run"] == 44 - partial["complete"]
    done = orrery("sweep", path, "-o", out, "--jobs", 2, "--resume")
    assert "44 points: 44 complete, 0 infeasible" in done.stdout, done.stderr
    assert f"; {44 - partial['complete']} run now" in done.stdout
    assert content_hash(out) == content_hash(whole)


def test_a_torn_record_is_run_again(plan, tmp_path):
    out = tmp_path / "out"
    orrery("sweep", plan(), "-o", out)
    whole = content_hash(out)
    (shard,) = (out / "shards").glob("*.shard")
    shard.write_bytes(shard.read_bytes()[:-20])
    done = orrery("sweep", plan(), "-o", out, "--resume")
    assert "12 points: 12 complete, 0 infeasible; 1 run now" in done.stdout
    assert content_hash(out) == whole


def test_infeasible_points_have_a_reason_and_too_slow_ones_fail_and_are_tried_again(plan, tmp_path):
    out = tmp_path / "out"
    text = """
axes:
  core.scratchpad.capacity: [1 KiB, 128 KiB]
  memory.capacity: [1 MiB, 256 MiB]
timeout: 60 s
"""
    done = counts(orrery("sweep", plan(text), "-o", out, "--json"))
    assert (done["complete"], done["infeasible"], done["failed"]) == (3, 5, 0)
    points = xarray.open_dataset(out / "sweep.h5", group="points", engine="h5netcdf")
    status = [points.status.flag_meanings.split()[code] for code in points.status.values]
    for state, reason, time_fs in zip(status, points.reason.values, points.total_time.values):
        assert (state == "complete") == (reason == "") == (time_fs == time_fs)
    assert any("scratchpad" in reason for reason in points.reason.values)
    assert any("memory" in reason for reason in points.reason.values)

    slow = plan("timeout: 1 ms\n", workloads=LONG_WORKLOADS)
    other = tmp_path / "slow"
    ran = orrery("sweep", slow, "-o", other)
    assert ran.returncode == 1 and "0 complete, 0 infeasible, 1 failed" in ran.stdout
    points = xarray.open_dataset(other / "sweep.h5", group="points", engine="h5netcdf")
    assert points.reason.values[0] == "it took longer than 0.001 s, twice"
    ran = orrery("sweep", plan("timeout: 60 s\n", workloads=LONG_WORKLOADS), "-o", other, "--resume")
    assert ran.returncode == 0 and "1 complete, 0 infeasible; 1 run now" in ran.stdout


def test_keep_holds_whole_results_also_of_points_that_were_run_before(plan, tmp_path):
    out = tmp_path / "out"
    assert orrery("sweep", plan(), "-o", out).returncode == 0
    before = content_hash(out)
    done = orrery("sweep", plan(), "-o", out, "--resume", "--keep", 'workload == "small" and total_time < 10 s')
    assert "; 6 run now" in done.stdout, done.stderr
    kept = sorted((out / "results").glob("*.h5"))
    assert len(kept) == 6
    assert orrery("show", "result", kept[0]).returncode == 0
    assert content_hash(out) == before


def test_sampling_and_power_of_a_plan_are_those_of_run(plan, tmp_path):
    out = tmp_path / "out"
    path = plan("sampling: true\npower_mode: burst\noperands: zeros\n", chips="[h100-sxm]",
                workloads="workloads: [gemm-4096]\n")
    assert orrery("sweep", path, "-o", out).returncode == 0
    ran = orrery("run", "-c", "h100-sxm", "-w", "gemm-4096", "--sampling", "--power-mode", "burst", "--operands",
                 "zeros", "--json")
    summary = json.loads(ran.stdout)["summary"]
    points = xarray.open_dataset(out / "sweep.h5", group="points", engine="h5netcdf")
    for metric, name in (("total_time", "total_time"), ("energy", "energy"), ("average_power", "power"),
                         ("core_clock", "mean_clock")):
        assert points[metric].values[0] == summary[name]["value"]
    assert points.sampling_error.values[0] >= 0


def test_check_and_list_axes_run_nothing(plan, tmp_path):
    done = orrery("sweep", plan(GRID + "constraints: [core.clock > 1 GHz]\n"), "--check")
    assert done.returncode == 0, done.stderr
    assert done.stdout == "12 combinations\n4 excluded by constraints\n8 points: 0 complete, 0 infeasible, 8 not run\n"
    listed = json.loads(orrery("sweep", plan(), "--list-axes", "--json").stdout)
    (chip,) = listed
    keys = {key["key"]: key for key in chip["keys"]}
    assert keys["core.clock"] == {"key": "core.clock", "value": "1", "unit": "GHz",
                                  "swept": "1 GHz, 1.25 GHz, 1.5 GHz"}
    assert keys["network.hop"]["unit"] == "clk"
    assert keys["core.scratchpad.capacity"]["value"] == "128"
    assert "name" not in keys
    text = orrery("sweep", "--list-axes", "--chip", "maia100").stdout
    assert "shared_memory.capacity" in text and "384  MiB" in text
    assert not (tmp_path / "out").exists()


def test_every_listed_key_can_be_set():
    (chip,) = json.loads(orrery("sweep", "--list-axes", "--chip", "npu4", "--json").stdout)
    assert len(chip["keys"]) > 50
    for key in chip["keys"][::7]:
        value = f"{key['value']} {key['unit']}".strip()
        assert orrery("show", "chip", "npu4", "--set", f"{key['key']}={value}").returncode == 0, key


@pytest.mark.parametrize("text, message", [
    ("axes: {core.cuont: [1, 2]}\n", "plan.yaml:6:20: axis 'core.cuont': unknown key 'cuont' in 'core', did you mean"),
    ("axes: {core.clock: []}\n", "plan.yaml:6:20: axis 'core.clock' has an empty list, expected values"),
    ("constraints: [core.clock > 9 GHz]\n", "plan.yaml:6:15: no point meets the constraints: of 2 combinations"),
    ("axes: {core.dma.issue: {from: 1 clk, to: 1000 clk, steps: 1000}, "
     "core.dma.setup: {from: 1 clk, to: 1000 clk, steps: 1000}}\n",
     "2000000 combinations, more than 100000; --sample N draws N of them, --yes runs them all"),
    ("axes: {core.count: [0, 2]}\n", "axis 'core.count' = 0 is refused in every combination"),
    ("keep: total_tim < 1 s\n", "keep: 'total_tim < 1 s': nothing is called 'total_tim', did you mean 'total_time'?"),
    ("axes: {core.clock: [1 GHz\n", "plan.yaml:"),
])
def test_a_bad_plan_is_one_line_and_leaves_nothing(plan, tmp_path, text, message):
    out = tmp_path / "out"
    done = orrery("sweep", plan(text), "-o", out)
    assert done.returncode == 2
    assert message in done.stderr
    assert len(done.stderr.splitlines()) == 1 and done.stdout == ""
    assert not out.exists()


@pytest.mark.parametrize("arguments, message", [
    (["sweep", "-o", "out"], "sweep: a plan is missing"),
    (["sweep", "none.yaml", "-o", "out"], "none.yaml: cannot read"),
    (["sweep", "PLAN"], "sweep: --output is missing"),
    (["sweep", "PLAN", "-o", "out", "--seed", "3"], "--sampler and --seed belong to --sample"),
    (["sweep", "PLAN", "-o", "out", "--sample", "8", "--sampler", "grid"], "sobol or latin expected"),
    (["sweep", "PLAN", "-o", "out", "--sample", "1"], "a sample of 1 points is less than the 2 workloads"),
    (["sweep", "PLAN", "-o", "out", "--jobs", "0"], "--jobs '0': expected a whole number from 1 to 1024"),
    (["sweep", "PLAN", "-o", "out", "--keep", "1 <"], "'1 <', at character 4: ends too early"),
    (["sweep", "PLAN", "-o", "out", "--chip", "tiny"], "--chip belongs to --list-axes"),
    (["sweep", "--list-axes"], "--list-axes needs a plan or --chip"),
    (["sweep", "--collect", "nowhere"], "nowhere: holds no sweep"),
    (["sweep", "PLAN", "--collect", "nowhere"], "--collect DIR stands alone"),
])
def test_bad_usage_is_said(plan, tmp_path, arguments, message):
    path = plan()
    done = orrery(*[str(path) if word == "PLAN" else word for word in arguments], cwd=tmp_path)
    assert done.returncode == 2, done.stdout
    assert message in done.stderr
    assert sorted(file.name for file in tmp_path.iterdir()) == ["plan.yaml"]


def test_two_sweeps_in_one_folder(plan, tmp_path):
    out = tmp_path / "out"
    path = plan(LONG_GRID, workloads=LONG_WORKLOADS)
    first = subprocess.Popen([PROGRAM, "sweep", path, "-o", out], stdout=subprocess.PIPE, text=True)
    wait_for(lambda: (out / "shards").exists() and records(out) > 1)
    second = orrery("sweep", path, "-o", out, "--resume", "--jobs", 2)
    if first.poll() is None:  # else the machine was slow to start the second
        assert second.returncode == 2
        assert second.stderr == f"orrery: {out}: another sweep is at work in this folder\n"
    assert "44 points: 44 complete" in first.communicate()[0]


def test_a_read_only_folder(plan, tmp_path):
    out = tmp_path / "out"
    out.mkdir()
    out.chmod(0o555)
    if os.access(out, os.W_OK):
        pytest.skip("root writes everywhere")
    done = orrery("sweep", plan(), "-o", out)
    assert done.returncode == 2 and "cannot write: Permission denied" in done.stderr


def test_a_file_system_that_is_read_only(plan):
    done = orrery("sweep", plan(), "-o", "/sys/orrery-sweep")
    assert done.returncode == 2
    assert "/sys" in done.stderr and "cannot" in done.stderr and len(done.stderr.splitlines()) == 1


def test_a_full_disk_loses_nothing(plan, tmp_path):
    """What a process may write is limited, which tells as a full disk does."""
    out = tmp_path / "out"
    path = plan("axes: {core.clock: {from: 1 GHz, to: 2 GHz, steps: 401}}")
    # Room for the points, not for all records; SIGXFSZ ignored, so that write() says EFBIG.
    done = subprocess.run(["bash", "-c", f"trap '' XFSZ; ulimit -f 150; exec {PROGRAM} sweep {path} -o {out}"],
                          capture_output=True, text=True, check=False)
    if done.returncode == 0:
        pytest.fail("the limit was too wide to tell")
    assert done.returncode == 2, done.stderr
    assert "cannot write: File too large" in done.stderr
    assert len(done.stderr.splitlines()) == 1
    assert "the points that were recorded stay, --resume goes on" in done.stderr
    found = records(out)
    assert found > 100
    done = orrery("sweep", path, "-o", out, "--resume")
    assert f"802 points: 802 complete, 0 infeasible; {802 - found + 1} run now" in done.stdout


def test_a_sweep_of_another_version_is_left_alone(plan, tmp_path):
    out = tmp_path / "out"
    orrery("sweep", plan(), "-o", out)
    with h5py.File(out / "points.h5", "r+") as file:
        file.attrs["schema_version"] = 7
    before = {path: path.read_bytes() for path in out.rglob("*.*")}
    for words in (["sweep", plan(), "-o", out, "--resume"], ["sweep", "--collect", out]):
        done = orrery(*words)
        assert done.returncode == 2
        assert "schema version 7, this program reads 1" in done.stderr or "changed or damaged" in done.stderr
    assert {path: path.read_bytes() for path in out.rglob("*.*")} == before


def test_a_folder_of_something_else_is_left_alone(plan, tmp_path):
    out = tmp_path / "thesis"
    out.mkdir()
    (out / "thesis.tex").write_text("precious")
    done = orrery("sweep", plan(), "-o", out)
    assert done.returncode == 2
    assert "holds other files and no sweep, expected a new or an empty folder" in done.stderr
    assert sorted(path.name for path in out.iterdir()) == ["thesis.tex"]


def test_the_shipped_plans_are_sound():
    plans = sorted((SOURCE / "configs" / "sweeps").glob("*.yaml"))
    assert plans
    for path in plans:
        done = orrery("sweep", path, "--check", "--json")
        assert done.returncode == 0, done.stderr
        found = json.loads(done.stdout)
        assert found["infeasible"] == 0 and found["not_run"] == found["points"]
