# SPDX-License-Identifier: Apache-2.0
"""`orrery sweep --slurm` against a make-believe sbatch, so that it needs no Slurm: what is asked for and left behind,
and what a job does when it is called. test_slurm.py has a real one."""
import json
import os
import pathlib
import shutil
import subprocess

import h5py
import pytest

PROGRAM = os.environ["ORRERY_PROGRAM"]
PLAN = """
name: "'; touch pwned; `id`"
chips: [mine.yaml]
workloads:
  - {name: small, operators: [{name: a, kind: gemm, m: 128, n: 128, k: 64}]}
  - {name: large, operators: [{name: a, kind: gemm, m: 256, n: 128, k: 64}]}
axes: {core.clock: {from: 1 GHz, to: 2 GHz, steps: 5}}
"""
# Hands out jobs 1, 2, ... and keeps what it was called with.
SBATCH = """#!/bin/bash
[ "$1" = --version ] && exit 0
cd "$(dirname "$0")"
n=$(($(cat jobs 2> /dev/null) + 1))
echo $n | tee jobs
printf '%s\\0' "$@" > call-$n
"""


class Cluster:
    def __init__(self, folder):
        self.folder = folder
        folder.mkdir()
        self.environment = {**os.environ, "PATH": f"{folder}:{os.environ['PATH']}"}
        self.command("sbatch", SBATCH)
        self.command("squeue", "#!/bin/sh\nexit 1\n")
        self.command("scancel", f"#!/bin/sh\necho $@ >> '{folder}/cancelled'\n")

    def command(self, name, text):
        (self.folder / name).write_text(text)
        (self.folder / name).chmod(0o755)

    def called(self, job):
        return (self.folder / f"call-{job}").read_text().split("\0")[:-1]

    def run(self, job, task=None):
        """Does a job as Slurm would: the script with its arguments, from the folder asked for."""
        words = self.called(job)
        script = next(i for i, word in enumerate(words) if not word.startswith("-"))
        start = next(word.removeprefix("--chdir=") for word in words if word.startswith("--chdir="))
        environment = {key: value for key, value in self.environment.items() if key != "SLURM_ARRAY_TASK_ID"}
        if task is not None:
            environment["SLURM_ARRAY_TASK_ID"] = str(task)
        return subprocess.run(["/bin/sh", *words[script:]], cwd=start, env=environment, capture_output=True, text=True,
                              check=False, timeout=120)


@pytest.fixture
def cluster(tmp_path):
    return Cluster(tmp_path / "bin")


@pytest.fixture
def work(tmp_path):
    folder = tmp_path / "it's $(touch pwned)"
    folder.mkdir()
    (folder / "plan.yaml").write_text(PLAN)
    chip = pathlib.Path(os.environ["ORRERY_SOURCE_DIR"]) / "configs" / "chips" / "tiny.yaml"
    shutil.copy(chip, folder / "mine.yaml")
    return folder


def orrery(cluster, work, *arguments, program=PROGRAM):
    return subprocess.run([program, *map(str, arguments)], cwd=work, env=cluster.environment, capture_output=True,
                          text=True, check=False, timeout=120)


def content_hash(folder):
    with h5py.File(folder / "sweep.h5") as file:
        return file.attrs["content_hash"]


def test_jobs_do_what_a_sweep_on_one_machine_does(cluster, work):
    done = orrery(cluster, work, "sweep", "plan.yaml", "-o", "out", "--slurm", "--chunks", 3, "--jobs", 2)
    assert done.returncode == 0, done.stderr
    assert done.stdout == (f"10 points submitted in 3 chunks: job 1; job 2 collects\n"
                           f"in the queue: squeue --jobs=1,2\n"
                           f"so far:       orrery sweep --collect out\n"
                           f"logs:         {work}/out/slurm/1\n")
    so_far = orrery(cluster, work, "sweep", "--collect", "out")
    assert so_far.stdout.startswith("10 points: 0 complete, 0 infeasible, 10 not run\n"), so_far.stderr
    (work / "plan.yaml").unlink()  # it may be worked on while jobs wait
    for task in (2, 0, 1, 0):
        said = cluster.run(1, task)
        assert said.returncode == 0, said.stderr
    assert said.stdout.startswith("chunk 0 of 3: 3 points, 0 run: ")  # the second time there is nothing left to do
    said = cluster.run(2)
    assert said.stdout.startswith("10 points: 10 complete, 0 infeasible\n"), said.stderr
    (work / "plan.yaml").write_text(PLAN)
    assert orrery(cluster, work, "sweep", "plan.yaml", "-o", "local").returncode == 0
    assert content_hash(work / "out") == content_hash(work / "local")
    assert not list(work.rglob("pwned"))
    done = orrery(cluster, work, "sweep", "plan.yaml", "-o", "out", "--slurm", "--resume", "--json")
    assert done.returncode == 0 and json.loads(done.stdout)["complete"] == 10
    assert not (cluster.folder / "call-3").exists()


def test_kept_results_are_those_of_the_submission(cluster, work):
    done = orrery(cluster, work, "sweep", "plan.yaml", "-o", "out", "--slurm", "--keep", 'workload == "small"')
    assert done.returncode == 0, done.stderr
    assert cluster.run(1, 0).returncode == 0
    assert len(list((work / "out" / "results").glob("*.h5"))) == 5


def test_a_job_of_another_build_or_another_chip_refuses(cluster, work, tmp_path):
    other = tmp_path / "orrery"
    other.write_bytes(pathlib.Path(PROGRAM).read_bytes() + b"\0")
    other.chmod(0o755)
    assert orrery(cluster, work, "sweep", "plan.yaml", "-o", "out", "--slurm").returncode == 0
    chunk = ["sweep", "--submission", "out/slurm/1", "--chunk"]
    said = orrery(cluster, work, *chunk, 0, program=other)
    assert said.returncode == 2
    assert said.stderr == ("orrery: the sweep was submitted by another build of orrery; `orrery sweep PLAN -o DIR "
                           "--resume --slurm` submits what is missing with this one\n")
    said = orrery(cluster, work, *chunk, 1)
    assert said.returncode == 2 and "there is no chunk 1, expected 0 to 0" in said.stderr
    chip = (work / "mine.yaml").read_text()
    (work / "mine.yaml").write_text(chip.replace("fill: 16 clk", "fill: 17 clk"))
    said = orrery(cluster, work, *chunk, 0)
    assert said.returncode == 2 and "its chip or workload has changed since the sweep was submitted" in said.stderr
    (work / "mine.yaml").write_text(chip)
    assert not list((work / "out" / "shards").iterdir())
    assert orrery(cluster, work, *chunk, 0).returncode == 0


def test_a_job_whose_folder_is_gone_says_so(cluster, work):
    assert orrery(cluster, work, "sweep", "plan.yaml", "-o", "../out", "--slurm").returncode == 0
    work.rename(work.parent / "elsewhere")
    said = cluster.run(1, 0)
    assert said.returncode == 2
    assert said.stderr.startswith(f"orrery: {work}: cannot go there, where the sweep was submitted: No such file")


@pytest.mark.parametrize("sbatch, message", [
    (None, "sbatch: cannot run: No such file or directory; --slurm needs Slurm's commands on the PATH"),
    ("exit 1", "sbatch refuses: it says nothing (exit code 1)"),
    ("echo 'sbatch: fatal: Could not establish a configuration source' >&2; exit 1",
     "sbatch refuses: fatal: Could not establish a configuration source (exit code 1)"),
])
def test_without_slurm_nothing_is_made(cluster, work, sbatch, message):
    (cluster.folder / "sbatch").unlink()
    if sbatch is None:
        cluster.environment["PATH"] = str(cluster.folder)
    else:
        cluster.command("sbatch", f"#!/bin/bash\n{sbatch}\n")
    done = orrery(cluster, work, "sweep", "plan.yaml", "-o", "out", "--slurm")
    assert (done.returncode, done.stdout, done.stderr) == (2, "", f"orrery: {message}\n")
    assert not (work / "out").exists()


def test_jobs_of_other_clusters_are_refused(cluster, work):
    cluster.environment["SBATCH_CLUSTERS"] = "east"
    done = orrery(cluster, work, "sweep", "plan.yaml", "-o", "out", "--slurm")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == ("orrery: SBATCH_CLUSTERS is set, expected it unset: "
                           "jobs of other clusters are not followed\n")
    assert not (work / "out" / "slurm").exists()


@pytest.mark.parametrize("sbatch, message, cancelled", [
    ("echo 'sbatch: error: Invalid account' >&2; exit 1", "sbatch refuses: error: Invalid account (exit code 1)", ""),
    ("echo Submitted batch job 7", "sbatch answers 'Submitted batch job 7', expected the number of a job", ""),
    ("case \"$*\" in *--dependency*) echo 'sbatch: error: too many jobs' >&2; exit 1;; esac; echo 41",
     "sbatch refuses: error: too many jobs (exit code 1)", "41\n"),
])
def test_a_refusal_leaves_no_submission_and_can_be_tried_again(cluster, work, sbatch, message, cancelled):
    cluster.command("sbatch", f"#!/bin/bash\n[ \"$1\" = --version ] && exit 0\n{sbatch}\n")
    done = orrery(cluster, work, "sweep", "plan.yaml", "-o", "out", "--slurm")
    assert (done.returncode, done.stdout, done.stderr) == (2, "", f"orrery: {message}\n")
    assert not (work / "out" / "slurm").exists() and not (work / "out" / "points.h5").exists()
    log = cluster.folder / "cancelled"
    assert (log.read_text() if log.exists() else "") == cancelled
    cluster.command("sbatch", SBATCH)
    assert orrery(cluster, work, "sweep", "plan.yaml", "-o", "out", "--slurm").returncode == 0


@pytest.mark.parametrize("arguments, message", [
    (["plan.yaml", "-o", "out", "--chunks", "4"], "--partition and --chunks belong to --slurm"),
    (["plan.yaml", "-o", "out", "--partition", "x"], "--partition and --chunks belong to --slurm"),
    (["plan.yaml", "-o", "out", "--slurm", "--chunks", "0"], "--chunks '0': expected a whole number from 1 to 1000"),
    (["plan.yaml", "-o", "out", "--slurm", "--chunks", "1001"], "expected a whole number from 1 to 1000"),
    (["plan.yaml", "--slurm"], "sweep: --output is missing"),
    (["plan.yaml", "--slurm", "--check"], "--slurm runs a plan; --check, --list-axes and --collect do not"),
    (["--slurm", "--collect", "out"], "--slurm runs a plan; --check, --list-axes and --collect do not"),
    (["--chunk", "1"], "--submission and --chunk belong together"),
    (["--submission", "x", "--chunk", "1"], "x/submission.json: cannot read: No such file or directory"),
    (["plan.yaml", "--submission", "x", "--chunk", "1"], "--submission DIR --chunk I stand alone"),
    (["--submission", "x", "--chunk", "1", "--jobs", "4"], "--submission DIR --chunk I stand alone"),
])
def test_bad_usage_is_said(cluster, work, arguments, message):
    done = orrery(cluster, work, "sweep", *arguments)
    assert done.returncode == 2, done.stdout
    assert message in done.stderr and len(done.stderr.splitlines()) == 1
    assert sorted(path.name for path in work.iterdir()) == ["mine.yaml", "plan.yaml"]
