# SPDX-License-Identifier: Apache-2.0
"""`orrery probe hbm`, --fidelity, and the picture of a curve, by the built program."""

import json
import os
import subprocess
from pathlib import Path

import pytest

PROGRAM = os.environ["ORRERY_PROGRAM"]
ROOT = Path(os.environ["ORRERY_SOURCE_DIR"])
STREAM = ["probe", "hbm", "--memory", "hbm3-6400", "--mapping", "A", "--requests", "2000"]


def run(*arguments):
    return subprocess.run([PROGRAM, *arguments], capture_output=True, text=True, timeout=120)


def test_a_stream_is_one_object_with_the_columns_of_tables_of_streams():
    probe = json.loads(run(*STREAM, "--pattern", "c", "--queue", "32", "--json").stdout)
    assert (probe["n_rd"], probe["n_wr"], probe["queue_entries"]) == (1334, 666, 32)
    assert 0.3 < probe["bw_frac_of_peak"] < 1
    for key in ("avg_read_latency_ns", "p50_ns", "p99_ns", "row_hit_rate", "n_act", "n_pre", "n_ref", "req_per_cpu_s"):
        assert probe[key] >= 0
    writes = json.loads(run(*STREAM, "--pattern", "b", "--json").stdout)
    assert writes["avg_read_latency_ns"] is None


def test_all_streams_and_the_table():
    streams = json.loads(run(*STREAM, "--pattern", "all", "--json", "--jobs", "2").stdout)
    assert [stream["pattern"] for stream in streams] == list("abcdefg")
    table = run(*STREAM).stdout
    assert "sequential read" in table and "map pseudo_channel, bank_group, channel, column" in table


def test_equal_probes_are_equal_and_paced_ones_slower():
    def stream(*more):
        probe = json.loads(run(*STREAM, "--pattern", "d", "--json", *more).stdout)
        return {k: v for k, v in probe.items() if k not in ("cpu_seconds", "req_per_cpu_s")}

    assert stream() == stream()
    assert stream("--gap", "40")["bw_frac_of_peak"] == pytest.approx(2 / 40, rel=0.02)


@pytest.mark.parametrize(
    "arguments, message",
    [
        (["--pattern", "h"], "--pattern is 'h', expected one of a, b, c, d, e, f, g, all, curve"),
        (["--mapping", "column:8,row"], "'pseudo_channel' is missing: the map is not a bijection"),
        (["--mapping", "A,row"], "'A' is a whole map"),
        (["--hash", "sha"], "unknown hash 'sha'"),
        (["--queue", "0"], "--queue '0'"),
        (["--fidelity", "exact"], "--fidelity is 'exact', expected detailed or fast"),
        (["--set", "stacks=4"], "--set stacks: a probe has one stack; see --channels"),
        (["--set", "fidelity=fast"], "--set fidelity: the tier is picked with --fidelity"),
        (["--gap", "1000000000"], "60000 requests every 1000000000 ticks take longer than 1000 s"),
        (["--set", "timing.rc=60 clk"], "'rc' is 60 clk, less than 'ras' + 'rp' = 71 clk"),
        (["--set", "timing.refi=0 clk"], "'refi' is 0 clk"),
        (["--pattern", "curve", "--gap", "3"], "do not go together"),
        (["--memory", "hbm3-6500"], "hbm3-6400"),
    ],
)
def test_bad_probes_are_refused_in_one_line(arguments, message):
    command = ["probe", "hbm", "--memory", "hbm3-6400"] if "--memory" not in arguments else ["probe", "hbm"]
    result = run(*command, *arguments)
    assert result.returncode == 2 and result.stdout == ""
    assert message in result.stderr and result.stderr.count("\n") == 1


def test_fidelity_picks_the_tier_and_results_name_it(tmp_path):
    notes = {}
    for tier in ("fast", "memory=detailed", "network=detailed", "detailed"):
        file = tmp_path / f"{tier}.h5"
        done = run("run", "-c", "npu4", "-w", "gemm-4096", "--set-workload", "operators.0.m=256", "--fidelity", tier,
                   "-o", str(file), "--json")
        notes[tier] = json.loads(done.stdout)["notes"]
    assert "tiers: memory fast, network fast" in notes["fast"]
    assert "tiers: memory detailed, network fast (mixed)" in notes["memory=detailed"]
    assert "tiers: memory fast, network detailed (mixed)" in notes["network=detailed"]
    assert "tiers: memory detailed, network detailed" in notes["detailed"]
    both = run("show", "result", *(str(tmp_path / f"{tier}.h5") for tier in notes)).stdout
    assert "warning: these runs used different tiers" in both
    shown = run("show", "chip", "tiny", "--fidelity", "detailed").stdout
    assert "memory detailed, network detailed" in shown and "mixed" not in shown
    assert "mixed" in run("show", "chip", "tiny", "--fidelity", "memory=detailed").stdout
    for tier, message in (
        ("network=exact", "unknown tier 'exact'"),
        ("exact", "unknown tier 'exact'"),
        ("core=fast", "unknown part 'core'"),
        ("memory=detailed,fast", "'fast' is not PART=TIER"),
    ):
        refused = run("run", "-c", "npu4", "-w", "gemm-4096", "--fidelity", tier)
        assert refused.returncode == 2 and message in refused.stderr


def test_a_curve_is_drawn(tmp_path):
    curve = run("probe", "hbm", "--memory", "hbm3-6400", "--pattern", "curve", "--requests", "1000", "--json")
    (tmp_path / "curve.json").write_text(curve.stdout, encoding="utf-8")
    plot = [str(ROOT / "scripts" / "plot_hbm_curve"), str(tmp_path / "curve.json"), str(tmp_path / "curve.png")]
    subprocess.run(plot, check=True, timeout=120)
    assert (tmp_path / "curve.png").read_bytes().startswith(b"\x89PNG")
    (tmp_path / "curve.json").write_text("{}", encoding="utf-8")
    refused = subprocess.run(plot, capture_output=True, text=True, timeout=120)
    assert refused.returncode == 2 and "is not the output of" in refused.stderr
