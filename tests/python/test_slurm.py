# SPDX-License-Identifier: Apache-2.0
"""`orrery sweep --slurm` on a real Slurm, which these tests start on loopback: the same content as on one machine,
nodes that die or hang, and what is submitted again."""
import collections
import contextlib
import json
import os
import pathlib
import re
import signal
import subprocess

import h5py
import pytest

from loopback_slurm import LoopbackSlurm, command_of, wait_for, why_not

PROGRAM = os.environ["ORRERY_PROGRAM"]
SMALL = """
chips: [tiny]
workloads:
  - {name: small, operators: [{name: a, kind: gemm, m: 256, n: 256, k: 256}]}
  - {name: large, operators: [{name: a, kind: gemm, m: 512, n: 512, k: 256}]}
axes:
  core.clock: {from: 1 GHz, to: 1.5 GHz, steps: 3}
  network.hop: [5 clk, 10 clk]
  core.scratchpad.capacity: [1 KiB, 128 KiB]
"""
# Long enough to be stopped in the middle: some tenths of a second a point.
LONG = """
chips: [tiny]
workloads:
  - {name: long, operators: [{name: a, kind: gemm, m: 2048, n: 1024, k: 2048}]}
axes:
  core.clock: {from: 1 GHz, to: 2 GHz, steps: 11}
  network.hop: [5 clk, 10 clk, 15 clk, 20 clk]
"""


@pytest.fixture(scope="module")
def slurm(tmp_path_factory):
    reason = why_not()
    if reason and os.environ.get("ORRERY_SLURM") == "required":
        pytest.fail(reason)
    if reason:
        pytest.skip(reason)
    with LoopbackSlurm(tmp_path_factory.mktemp("slurm") / "loopback", nodes=3, cpus=2) as started:
        yield started


def sweep(slurm, *arguments, cwd=None):
    return subprocess.run([PROGRAM, "sweep", *map(str, arguments)], capture_output=True, text=True, check=False,
                          cwd=cwd, env=slurm.environment, timeout=300)


def submit(slurm, *arguments, cwd=None):
    done = sweep(slurm, *arguments, "--slurm", "--json", cwd=cwd)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def content(folder):
    """The hash of all that a sweep's file holds; of its points each is there once."""
    with h5py.File(folder / "sweep.h5") as file:
        identities = list(file["points/identity"][()])
        assert len(identities) == len(set(identities))
        return file.attrs["content_hash"]


def records(folder):
    """How often each point is in the shards."""
    found = collections.Counter()
    for shard in (folder / "shards").glob("*.shard"):
        for line in shard.read_text().splitlines()[1:]:
            with contextlib.suppress(json.JSONDecodeError, IndexError):  # a torn line
                found[json.loads(line.split(" ", 1)[1])["identity"]] += 1
    return found


def local(slurm, plan, folder):
    assert sweep(slurm, plan, "-o", folder, "--jobs", 2).returncode == 0
    return content(folder)


def test_a_cluster_gives_what_one_machine_gives(slurm, tmp_path):
    work = tmp_path / "it's \"mine\" $(touch pwned) 100%a; x"
    work.mkdir()
    (work / "plan.yaml").write_text(f"name: \"'; touch pwned; `id`\"\n{SMALL}")
    jobs = submit(slurm, "plan.yaml", "-o", "out", "--chunks", 5, "--jobs", 2, "--partition", "main", cwd=work)
    assert (jobs["submitted"], jobs["chunks"]) == (24, 5)
    slurm.wait_until_ended(jobs["array_job"], jobs["collect_job"])
    assert content(work / "out") == local(slurm, work / "plan.yaml", work / "local")
    logs = work / "out" / "slurm" / "1"
    assert "24 points: 12 complete, 12 infeasible\n" in (logs / "collect.log").read_text()
    said = [(logs / f"chunk-{i}.log").read_text() for i in range(5)]
    assert all(re.match(rf"chunk {i} of 5: [45] points, [45] run: ", text) for i, text in enumerate(said)), said
    assert not list(work.rglob("pwned"))
    shown = slurm.call("scontrol", "show", "job", jobs["array_job"])
    assert "NumCPUs=2" in shown and "Requeue=1" in shown and "Partition=main" in shown


def test_a_resumed_sweep_submits_what_is_missing_only(slurm, tmp_path):
    plan = tmp_path / "plan.yaml"
    plan.write_text(LONG)
    out = tmp_path / "out"
    jobs = submit(slurm, plan, "-o", out, "--chunks", 20)
    assert jobs["submitted"] == 44
    wait_for(lambda: sum(records(out).values()) >= 3, 60, "the first points")
    again = sweep(slurm, plan, "-o", out, "--slurm", "--resume")
    assert again.returncode == 2
    assert "another sweep is at work in this folder" in again.stderr or "still queued" in again.stderr
    so_far = sweep(slurm, "--collect", out, "--json")  # while jobs run
    assert so_far.returncode == 0, so_far.stderr
    assert json.loads(so_far.stdout)["complete"] >= 3
    slurm.call("scancel", jobs["array_job"], jobs["collect_job"])
    slurm.wait_until_ended(jobs["array_job"], jobs["collect_job"])
    found = len(records(out))
    assert 3 <= found < 44, "it ended before it could be cancelled"
    plan.write_text(LONG.replace("15 clk, 20 clk", "15 clk, 20 clk, 25 clk"))
    jobs = submit(slurm, plan, "-o", out, "--resume", "--chunks", 4)
    assert (jobs["submitted"], jobs["chunks"]) == (55 - found, 4)
    slurm.wait_until_ended(jobs["array_job"], jobs["collect_job"])
    assert max(records(out).values()) == 1
    none = sweep(slurm, plan, "-o", out, "--resume", "--slurm")
    assert "55 points: 55 complete, 0 infeasible; none left to submit" in none.stdout, none.stderr
    assert content(out) == local(slurm, plan, tmp_path / "local")


def test_a_refusal_is_one_line_and_leaves_no_submission(slurm, tmp_path):
    plan = tmp_path / "plan.yaml"
    plan.write_text(SMALL)
    out = tmp_path / "out"
    done = sweep(slurm, plan, "-o", out, "--slurm", "--partition", "nowhere")
    assert done.returncode == 2 and done.stdout == ""
    assert done.stderr.startswith("orrery: sbatch refuses: error: invalid partition specified: nowhere")
    assert len(done.stderr.splitlines()) == 1
    assert not (out / "slurm").exists() and not (out / "points.h5").exists()
    jobs = submit(slurm, plan, "-o", out)  # as if nothing had been
    slurm.wait_until_ended(jobs["array_job"], jobs["collect_job"])
    assert content(out) == local(slurm, plan, tmp_path / "local")


def test_a_dead_node_and_one_that_is_cut_off(slurm, tmp_path):
    """Their chunks run again on a third: one is half done, the other's first copy goes on beside its second."""
    plan = tmp_path / "plan.yaml"
    plan.write_text(LONG)
    out = tmp_path / "out"
    jobs = submit(slurm, plan, "-o", out, "--chunks", 2, "--jobs", 2)
    tasks = [f"{jobs['array_job']}_{i}" for i in range(2)]
    dead, cut_off = [wait_for(lambda task=task: slurm.node_of(task), 60, f"the start of {task}") for task in tasks]
    assert dead != cut_off
    wait_for(lambda: len(slurm.batch_processes(cut_off, jobs["logs"])) == 4
             and len(slurm.batch_processes(dead, jobs["logs"])) == 4, 60, "workers")
    wait_for(lambda: sum(records(out).values()) >= 4, 60, "the first points")

    lost = slurm.batch_processes(dead, jobs["logs"])
    hung = slurm.batch_processes(cut_off, jobs["logs"])
    assert len(lost) >= 2 and len(hung) >= 2, "they ended before they could be stopped"
    commands = {pid: command_of(pid) for pid in hung}
    try:
        for pid in hung:
            os.kill(pid, signal.SIGSTOP)
        slurm.stop(cut_off, signal.SIGKILL)
        slurm.stop(dead, signal.SIGKILL)
        for pid in lost:  # slurmstepd first: it would say that its job has failed
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        before = len(records(out))
        assert before < 44
        third = ({*slurm.nodes} - {dead, cut_off}).pop()
        wait_for(lambda: slurm.node_of(tasks[1]) == third and len(records(out)) > before, 180, "second copies")
        for pid in hung:
            os.kill(pid, signal.SIGCONT)
        slurm.wait_until_ended(jobs["array_job"], jobs["collect_job"])
        wait_for(lambda: len(slurm.batch_processes(cut_off, jobs["logs"])) == 0, 60, "the first copy's end")
    finally:
        for pid, command in commands.items():
            if command and command_of(pid) == command:
                os.kill(pid, signal.SIGKILL)
    for task in tasks:
        assert "Restarts=1" in slurm.call("scontrol", "show", "job", task)
    found = records(out)
    assert len(found) == 44
    assert max(found.values()) == 2, "no point was run twice"
    with h5py.File(out / "sweep.h5") as file:
        assert file["points/identity"].shape == (44,)
    whole = local(slurm, plan, tmp_path / "local")
    assert content(out) == whole
    assert "44 points: 44 complete, 0 infeasible" in sweep(slurm, "--collect", out).stdout
    assert content(out) == whole
    for node in (dead, cut_off):
        slurm.start_node(node)
    wait_for(lambda: slurm.idle_nodes() == 3, 60, "nodes that are back")
