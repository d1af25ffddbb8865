# SPDX-License-Identifier: Apache-2.0
"""The network's two tiers on whole chips, and a chip with a network of its own (configs/README.md)."""
import json
import os
import pathlib
import subprocess

import pytest

PROGRAM = os.environ["ORRERY_PROGRAM"]
ROOT = pathlib.Path(os.environ["ORRERY_SOURCE_DIR"])
SMALL = ["-w", "gemm-decode", "--set-workload", "operators.0.n=1024", "--set-workload", "operators.0.k=1024"]


def orrery(*arguments):
    return subprocess.run([PROGRAM, *map(str, arguments)], capture_output=True, text=True, check=False, timeout=300)


def run(chip, tier, *more):
    ran = orrery("run", "-c", chip, *SMALL, "--fidelity", tier, "--json", *more)
    assert ran.returncode == 0, ran.stderr
    return json.loads(ran.stdout)


@pytest.fixture
def spine(tmp_path):
    """The worked example of configs/README.md as a file."""
    text = (ROOT / "configs" / "README.md").read_text(encoding="utf-8")
    example = text.split("```yaml\n# spine.yaml\n")[1].split("```")[0]
    path = tmp_path / "spine.yaml"
    path.write_text(example.replace("extends: tiny.yaml", f"extends: {ROOT}/configs/chips/tiny.yaml"), encoding="utf-8")
    return path


@pytest.mark.parametrize("chip", ["tiny", "npu4", "maia100"])
def test_the_detailed_network_stays_near_the_fast_one(chip):
    for memory in ("fast", "detailed"):
        fast = run(chip, f"memory={memory}")
        detailed = run(chip, f"memory={memory},network=detailed")
        assert any("network detailed" in note for note in detailed["notes"])
        assert detailed["total_time_us"] == pytest.approx(fast["total_time_us"], rel=0.3)


@pytest.mark.parametrize("chip", ["tiny", "npu4", "maia100"])
@pytest.mark.parametrize("tier", ["network=detailed", "detailed"])
def test_equal_runs_are_equal_in_the_detailed_tier(chip, tier):
    first, second = run(chip, tier), run(chip, tier)
    assert first["total_time_us"] == second["total_time_us"]
    note = "tiers: memory detailed, network detailed"
    if tier == "network=detailed":
        note = "tiers: memory fast, network detailed (mixed)"
    assert note in first["notes"]


def test_the_chips_own_file_picks_the_tier(tmp_path):
    path = tmp_path / "own.yaml"
    path.write_text(f"extends: {ROOT}/configs/chips/tiny.yaml\nnetwork: {{fidelity: detailed}}\n", encoding="utf-8")
    ran = orrery("run", "-c", path, *SMALL, "--json")
    assert "tiers: memory fast, network detailed (mixed)" in json.loads(ran.stdout)["notes"]
    assert json.loads(ran.stdout)["total_time_us"] == run("tiny", "network=detailed")["total_time_us"]


def test_the_worked_example_runs_in_both_tiers(spine):
    times = {tier: run(spine, tier)["total_time_us"] for tier in ("fast", "network=detailed", "detailed")}
    assert times["network=detailed"] == pytest.approx(times["fast"], rel=0.3)
    shown = orrery("show", "chip", spine)
    assert shown.returncode == 0 and "custom" in shown.stdout


def test_nodes_without_a_way_are_named(spine):
    cut = ("from: right, to: cache", "from: left, to: right", "from: right, to: left", "at: left", "routes:")
    lines = [line for line in spine.read_text(encoding="utf-8").splitlines() if not any(c in line for c in cut)]
    spine.write_text("\n".join(lines) + "\n", encoding="utf-8")
    assert_refused(spine, "core 2 (right) cannot reach core 0 (left)")


def test_routers_whose_routes_can_deadlock_are_named(spine):
    text = spine.read_text(encoding="utf-8")
    start, end = text.index("  links:"), text.index("  core_routers:")
    ring = "".join(f"    - {{from: {a}, to: {b}, width: 64 B/clk, hop: 8 clk, one_way: true}}\n"
                   for a, b in (("left", "right"), ("right", "cache"), ("cache", "left")))
    spine.write_text(text[:start] + "  links:\n" + ring + text[end:], encoding="utf-8")
    assert_refused(spine, "routes can deadlock: left -> right -> cache -> left in class 0 wait for each other")
    last = "from: cache, to: left, width: 64 B/clk, hop: 8 clk, one_way: true"
    dated = spine.read_text(encoding="utf-8").replace(last, last + ", dateline: true")
    spine.write_text(dated, encoding="utf-8")
    assert run(spine, "network=detailed")["total_time_us"] > 0


def test_other_mistakes_are_one_line(spine):
    text = spine.read_text(encoding="utf-8")
    for old, new, message in (
        ("routers: [left, right, cache]", "routers: [left, right, cash]", "unknown router 'cache'"),
        ("memory_routers: [cache]", "memory_routers: []", "1 memory nodes, but 0 are placed on routers"),
        ("hop: 8 clk", "hop: 2 clk", "left to cache: a hop of 2 clk, but the router's stages take 3 clk"),
    ):
        assert old in text
        spine.write_text(text.replace(old, new), encoding="utf-8")
        assert_refused(spine, message)
    refused = orrery("run", "-c", "tiny", *SMALL, "--fidelity", "network=detailed", "--set", "network.router=null")
    assert refused.returncode == 2 and "'fidelity: detailed' needs the map 'router'" in refused.stderr


def assert_refused(chip, message):
    refused = orrery("run", "-c", chip, *SMALL, "--fidelity", "network=detailed")
    assert refused.returncode == 2
    assert message in refused.stderr
    assert refused.stderr.count("\n") == 1 and refused.stdout == ""
