# SPDX-License-Identifier: Apache-2.0
"""`orrery probe noc` and the pictures of its loads and curves, by the built program."""

import json
import os
import subprocess
from pathlib import Path

import pytest

PROGRAM = os.environ["ORRERY_PROGRAM"]
ROOT = Path(os.environ["ORRERY_SOURCE_DIR"])
SHORT = ["--warmup", "500", "--cycles", "2000"]
COLUMNS = "curve,point,topology,k,n,num_vcs,vc_buf_size,packet_size,traffic,offered_flit_rate"


def run(*arguments):
    return subprocess.run([PROGRAM, "probe", "noc", *arguments], capture_output=True, text=True, timeout=120)


def probe(*arguments):
    result = run(*SHORT, "--json", *arguments)
    assert result.returncode == 0, result.stderr
    return json.loads(result.stdout)


def timeless(answer):
    return {k: v for k, v in answer.items() if k not in ("cpu_seconds", "flit_hops_per_cpu_s")}


def test_one_load_is_one_object():
    answer = probe("--load", "0.2")
    asked = ("topology", "size", "routing", "traffic", "packet", "vcs", "buffer", "passes", "load", "seed")
    assert [answer[key] for key in asked] == ["mesh", "8x8", "xy", "uniform", 5, 2, 8, 1, 0.2, 1]
    assert answer["delays"] == {"routing": 0, "vc_alloc": 1, "switch_alloc": 1, "traversal": 1, "credit": 1}
    assert answer["offered_flit_rate"] == pytest.approx(0.2, rel=0.05)
    assert answer["accepted_flit_rate"] == pytest.approx(0.2, rel=0.05)
    assert answer["saturated"] is False
    assert 0 < answer["p50_latency"] <= answer["p99_latency"] <= answer["max_latency"]
    assert 2500 <= answer["cycles"] < 3500 and answer["packets"] > 4000
    assert answer["flit_hops_per_cpu_s"] > 0
    assert "links" not in answer


def test_latency_at_no_load_is_the_closed_form():
    # 4 cycles a router, 2 for the ports and 4 for the flits behind the head.
    answer = probe("--load", "0.001", "--topology", "torus", "--traffic", "neighbor", "--size", "4")
    assert answer["avg_hops"] == 3
    assert answer["avg_packet_latency"] == pytest.approx(4 * 3 + 2 + 4, abs=0.2)


def test_equal_probes_are_equal_and_another_seed_differs():
    one = timeless(probe("--load", "0.3", "--size", "4"))
    assert one == timeless(probe("--load", "0.3", "--size", "4"))
    assert one != timeless(probe("--load", "0.3", "--size", "4", "--seed", "2"))


@pytest.mark.parametrize(
    "arguments",
    [
        ["--topology", "crossbar", "--size", "16"],
        ["--topology", "partitioned_crossbar", "--size", "16", "--die-link", "20"],
        ["--topology", "ring", "--size", "12", "--link", "3"],
        ["--topology", "torus", "--size", "4x3"],
        ["--topology", "cluster_mesh", "--size", "3x2", "--cluster", "3", "--routing", "xy_yx", "--vcs", "4"],
        ["--topology", "dual_die", "--size", "2x3"],
        ["--size", "1"],
    ],
)
def test_every_topology_runs_with_links_and_ports(arguments):
    answer = probe("--load", "0.05", "--links", *arguments)
    assert answer["saturated"] is False
    assert sum(port["received_flits_per_cycle"] for port in answer["ports"]) > 0
    for link in answer["links"]:
        assert 0 <= link["flits_per_cycle"] <= 1 and 0 <= link["credit_stall_share"]
        assert len(link["mean_occupancy"]) == answer["vcs"]
        assert ("from_column" in link) == (answer["topology"] not in ("ring", "partitioned_crossbar"))
    assert sum(count for _, count in answer["histogram"]) == answer["packets"]


def test_links_carry_what_the_nodes_send():
    answer = probe("--load", "0.2", "--size", "3x1", "--traffic", "hotspot:2", "--links")
    loads = {link["name"]: link["flits_per_cycle"] for link in answer["links"]}
    assert loads["router (1,0) to (2,0)"] == pytest.approx(0.4, rel=0.1)
    assert loads["router (2,0) to (1,0)"] == 0


SHAPES = [["--topology", "crossbar"], ["--topology", "partitioned_crossbar", "--die-link", "9"], ["--topology", "ring"],
          ["--topology", "torus", "--link", "2"], ["--topology", "cluster_mesh", "--size", "3x2"],
          ["--topology", "dual_die", "--size", "2x3"], ["--size", "4"]]  # fmt: skip


@pytest.mark.parametrize("shape", SHAPES)
def test_the_fast_tier_carries_the_same_packets_and_waits_less(shape):
    detailed = probe("--load", "0.03", "--links", "--buffer", "64", *shape)
    fast = probe("--load", "0.03", "--links", "--buffer", "64", "--fidelity", "fast", *shape)
    assert (detailed["fidelity"], fast["fidelity"]) == ("detailed", "fast")
    assert fast.keys() == detailed.keys()
    assert fast["packets"] == detailed["packets"]
    assert fast["offered_flit_rate"] == detailed["offered_flit_rate"]
    assert fast["avg_hops"] == pytest.approx(detailed["avg_hops"], rel=1e-12)
    assert fast["avg_packet_latency"] == pytest.approx(detailed["avg_packet_latency"], rel=0.02)
    for key in ("links", "ports"):
        assert len(fast[key]) == len(detailed[key])
    for port, same in zip(fast["ports"], detailed["ports"]):
        assert port["received_flits_per_cycle"] == pytest.approx(same["received_flits_per_cycle"], abs=0.005)
    for link in fast["links"]:
        assert link["credit_stall_share"] is None and link["mean_occupancy"] is None


def test_the_fast_tier_loads_the_links_of_the_route():
    answer = probe("--load", "0.2", "--size", "3x1", "--traffic", "hotspot:2", "--links", "--fidelity", "fast")
    loads = {link["name"]: link["flits_per_cycle"] for link in answer["links"]}
    assert loads["router (1,0) to (2,0)"] == pytest.approx(0.4, rel=0.1)
    assert loads["router (2,0) to (1,0)"] == 0


def test_the_fast_tier_has_its_own_knee_and_table():
    sweep = probe("--load", "sweep", "--size", "4", "--fidelity", "fast")
    assert sweep["fidelity"] == "fast" and 0.8 < sweep["knee"] <= 1
    replies = probe("--traffic", "readreply", "--load", "0.2", "--fidelity", "fast")
    assert replies["accepted_flit_rate"] == pytest.approx(0.2, rel=0.05)
    assert "uniform, packets of 5 flits; fast tier\n" in run(*SHORT, "--load", "0.2", "--fidelity", "fast").stdout


def test_reads_and_writes_are_answered():
    answer = probe("--traffic", "readreply:edge:west,east", "--vcs", "4", "--load", "0.05", "--sizes", "1,9,9,2")
    assert answer["traffic"] == "readreply:edge:west,east" and answer["vcs"] == 4
    assert answer["sizes"] == {"read_request": 1, "read_reply": 9, "write_request": 9, "write_reply": 2}
    assert "packet" not in answer
    reads = probe("--traffic", "readreply", "--load", "0.1", "--sizes", "1,9,2,1", "--writes", "0")
    assert reads["offered_flit_rate"] == pytest.approx(0.1, rel=0.1)


def test_a_sweep_finds_the_knee():
    sweep = probe("--load", "sweep", "--size", "4", "--jobs", "2")
    assert 0.5 < sweep["knee"] < 0.8
    assert len(sweep["curve"]) == 12
    latencies = [point["avg_packet_latency"] for point in sweep["curve"]]
    assert latencies[0] == pytest.approx(sweep["zero_load_latency"], rel=0.1)
    assert latencies[10] < 3 * sweep["zero_load_latency"] < latencies[11] * 1.2
    assert timeless(sweep["curve"][0]) == timeless(
        probe("--load", "sweep", "--size", "4", "--jobs", "1")["curve"][0]
    )
    hotspot = probe("--load", "sweep", "--size", "4", "--traffic", "hotspot:5")
    assert hotspot["knee"] < 1.1 / 16 and hotspot["zero_load"] <= 0.11 * hotspot["knee"]


def test_tables_are_for_people():
    table = run(*SHORT, "--load", "0.2").stdout
    assert "mesh 8x8, xy routes, 64 nodes; uniform, packets of 5 flits; 2 virtual channels of 8 flits" in table
    assert "latency clk" in table
    assert "knee, where it is three times that: " in run(*SHORT, "--load", "sweep", "--size", "3").stdout
    text = run("--help").stdout
    assert "examples:" in text and "--csv FILE" in text


def test_rows_of_a_table_are_json_lines_in_their_order(tmp_path):
    file = tmp_path / "rows.csv"
    file.write_text(
        f"{COLUMNS},avg_packet_latency,seed\n"
        'm4,hot,mesh,4,2,2,8,5,"hotspot({{5,6}})",0.01,20,7\n'
        "m4,,mesh,4,2,2,8,5,uniform,0.3,24,7\n"
        "x8,zero,fly,8,1,1,8,1,uniform,0.01,6.02,7\n"
        "t4,high,torus,4,2,2,8,5,uniform,1,,7\n",
        encoding="utf-8",
    )
    result = run("--csv", str(file), "--json", "--jobs", "2", *SHORT)
    rows = [json.loads(line) for line in result.stdout.splitlines()]
    assert [(row["curve"], row["point"]) for row in rows] == [("m4", "hot"), ("m4", ""), ("x8", "zero"), ("t4", "high")]
    assert [row["topology"] for row in rows] == ["mesh", "mesh", "crossbar", "torus"]
    assert rows[0]["traffic"] == "hotspot:5,6" and rows[3]["saturated"] is True
    assert timeless(rows[1]) == {"curve": "m4", "point": "", **timeless(probe("--load", "0.3", "--size", "4"))}
    table = run("--csv", str(file), *SHORT).stdout
    assert "BookSim clk" in table and "error %" in table and "saturated" in table


def test_rows_run_in_the_fast_tier(tmp_path):
    file = tmp_path / "rows.csv"
    file.write_text(f"{COLUMNS}\nm4,,mesh,4,2,2,8,5,uniform,0.3\n", encoding="utf-8")
    row = json.loads(run("--csv", str(file), "--json", "--fidelity", "fast", *SHORT).stdout)
    assert timeless(row) == {
        "curve": "m4", "point": "", **timeless(probe("--load", "0.3", "--size", "4", "--fidelity", "fast"))
    }  # fmt: skip
    file.write_text(f"{COLUMNS},routing_function\nm4,,mesh,4,2,2,8,5,uniform,0.3,xy_yx\n", encoding="utf-8")
    refused = run("--csv", str(file), "--fidelity", "fast")
    assert refused.returncode == 2 and f"{file}:2" in refused.stderr
    assert "routing 'xy_yx' in the fast tier, expected xy" in refused.stderr


@pytest.mark.parametrize(
    "row, message",
    [
        ("m,,mesh,8,3,2,8,5,uniform,0.1", ":3:11: 'n' is 3 for topology mesh, expected 1 or 2 dimensions"),
        ("m,,mesh,8,2,2,8,5,uniform,0", ":3:27: 'offered_flit_rate' is '0'"),
        ("m,,mesh,8,2,2,8,5,hotspot({{99}}),0.1", ":3:19: hotspot '99', expected nodes from 0 to 63"),
        ("m,,mesh,64,2,2,8,1,uniform,1", "M packets, expected at most 50 M"),
        ("m,,mesh,8,2", "row of 5 fields, expected 10"),
    ],
)
def test_bad_rows_are_refused_before_anything_runs(tmp_path, row, message):
    file = tmp_path / "rows.csv"
    file.write_text(f"{COLUMNS}\nok,,mesh,4,2,2,8,5,uniform,0.1\n{row}\n", encoding="utf-8")
    result = run("--csv", str(file), "--json")
    assert result.returncode == 2 and result.stdout == ""
    assert message in result.stderr and str(file) in result.stderr and result.stderr.count("\n") == 1


@pytest.mark.parametrize(
    "arguments, message",
    [
        ([], "--load is missing"),
        (["--load", "0"], "--load '0': expected sweep, or flits per node and cycle, from 1e-06 to 1"),
        (["--load", "nan"], "--load 'nan'"),
        (["--load", "1.01"], "--load '1.01'"),
        (["--topology", "mash"], "--topology is 'mash', did you mean 'mesh'?"),
        (["--topology", "hypercube"], "expected one of crossbar, partitioned_crossbar, ring, mesh"),
        (["--size", "4x"], "--size '4x': expected columns x rows"),
        (["--size", "65"], "a mesh of 65 x 65, expected 1 to 64 columns and rows"),
        (["--topology", "ring", "--size", "4x4"], "--size '4x4': expected the number of nodes"),
        (["--topology", "crossbar", "--size", "513"], "a crossbar of 513, expected 2 to 512 nodes"),
        (["--routing", "yx"], "routing 'yx' on a mesh, expected xy or xy_yx"),
        (["--cluster", "2"], "--cluster does not go with a mesh, only with cluster_mesh"),
        (["--die-link", "2"], "--die-link does not go with a mesh, only with dual_die, partitioned_crossbar"),
        (["--topology", "crossbar", "--link", "2"], "--link does not go with a crossbar"),
        (["--link", "0"], "--link '0'"),
        (["--traffic", "shuffle"], "traffic: 'shuffle', expected uniform, transpose"),
        (["--traffic", "hotspot:64"], "traffic: hotspot '64', expected nodes from 0 to 63"),
        (["--traffic", "edge:top"], "traffic: edge 'top', expected any of west"),
        (["--traffic", "transpose", "--size", "4x3"], "transpose on 4 x 3 nodes, expected a square"),
        (["--traffic", "readreply:"], "traffic: '', expected uniform"),
        (["--traffic", "readreply", "--vcs", "3"], "--vcs: 3 virtual channels, expected an even number"),
        (["--traffic", "readreply", "--sizes", "1,2,3"], "--sizes '1,2,3': expected flits of a read request"),
        (["--traffic", "readreply", "--sizes", "1,2,3,0"], "--sizes '1,2,3,0'"),
        (["--traffic", "readreply", "--sizes", "1,2,3,4", "--packet", "5"], "do not go together"),
        (["--traffic", "readreply", "--writes", "1.5"], "--writes '1.5': expected a share from 0 to 1"),
        (["--writes", "0.5"], "--writes is for --traffic readreply"),
        (["--packet", "0"], "--packet '0': expected a whole number from 1 to 1000000"),
        (["--packet", "1000001"], "--packet '1000001'"),
        (["--vcs", "0"], "--vcs '0'"),
        (["--vcs", "65"], "--vcs '65'"),
        (["--topology", "torus", "--vcs", "1"], "vcs is 1, but the routes need 2 classes"),
        (["--buffer", "0"], "--buffer '0'"),
        (["--passes", "17"], "--passes '17'"),
        (["--delays", "routing"], "--delays 'routing': expected some of routing=N"),
        (["--delays", "credit=0,vc_alloc=0"], "--delays 'vc_alloc=0': expected 1 to 1000 cycles"),
        (["--cycles", "0"], "--cycles '0'"),
        (["--cycles", "100000001"], "--cycles '100000001'"),
        (["--cycles", "90000000"], "64 nodes for 90010000 cycles, expected at most 15625000 cycles"),
        (["--size", "64", "--load", "1"], "up to 229 M packets, expected at most 50 M"),
        (["--fidelity", "exact"], "--fidelity 'exact': expected fast or detailed"),
        (["--fidelity", "fast", "--routing", "xy_yx"], "routing 'xy_yx' in the fast tier, expected xy"),
        (["--fidelity", "fast", "--topology", "ring", "--size", "65"], "a ring of 65 in the fast tier"),
        (["--seed", "-1"], "--seed '-1'"),
        (["--jobs", "0"], "--jobs '0'"),
        (["--links"], "--links adds to the JSON: it needs --json"),
        (["--links", "--json", "--load", "sweep"], "--links is for one load"),
        (["--load", "sweep", "--packet", "1000000"], "no packet created in the 30000 measured cycles came out"),
        (["--csv", "rows.csv", "--size", "4"], "--size and --csv do not go together"),
        (["--csv", "no/such.csv"], "no/such.csv"),
        (["--load", "0.1", "--speed", "1"], "unknown option '--speed'"),
    ],
)
def test_bad_probes_are_refused_in_one_line(arguments, message):
    load = [] if not arguments or {"--load", "--csv"} & set(arguments) else ["--load", "0.1"]
    result = run(*arguments, *load)
    assert result.returncode == 2 and result.stdout == ""
    assert message in result.stderr and result.stderr.count("\n") == 1


def plot(script, *arguments):
    command = [str(ROOT / "scripts" / script), *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, timeout=120)


def test_loads_and_curves_are_drawn(tmp_path):
    shapes = [["--topology", "torus", "--size", "4x3"], ["--topology", "ring"], ["--topology", "crossbar"]]
    for number, shape in enumerate(shapes):
        file, picture = tmp_path / f"load{number}.json", tmp_path / f"load{number}.png"
        file.write_text(json.dumps(probe("--load", "0.1", "--links", *shape)), encoding="utf-8")
        drawn = plot("plot_noc_load", file, picture)
        assert drawn.returncode == 0, drawn.stderr
        assert picture.read_bytes().startswith(b"\x89PNG")
    sweep, picture = tmp_path / "sweep.json", tmp_path / "curve.png"
    sweep.write_text(json.dumps(probe("--load", "sweep", "--size", "3")), encoding="utf-8")
    drawn = plot("plot_noc_curve", sweep, sweep, picture)
    assert drawn.returncode == 0, drawn.stderr
    assert picture.read_bytes().startswith(b"\x89PNG")


@pytest.mark.parametrize("script", ["plot_noc_load", "plot_noc_curve"])
def test_pictures_of_something_else_are_refused(tmp_path, script):
    (tmp_path / "x.json").write_text("{}", encoding="utf-8")
    refused = plot(script, tmp_path / "x.json", tmp_path / "x.png")
    assert refused.returncode == 2 and "is not the output of" in refused.stderr
    assert plot(script).returncode == 2
    assert plot(script, tmp_path / "none.json", tmp_path / "x.png").returncode == 2


CHAIN = """
routers: [west, middle, east]
links:
  - {from: west, to: middle, width: 64 B/clk, hop: 6 clk}
  - {from: middle, to: east, width: 128 B/clk, hop: 6 clk}
nodes: [west, west, middle, east, east]
"""
ONE_WAY_RING = """
routers: [a, b, c]
links:
  - {from: a, to: b, width: 64 B/clk, hop: 6 clk, one_way: true}
  - {from: b, to: c, width: 64 B/clk, hop: 6 clk, one_way: true}
  - {from: c, to: a, width: 64 B/clk, hop: 6 clk, one_way: true}
nodes: [a, b, c]
"""


def test_a_network_from_a_file_has_the_closed_form(tmp_path):
    file = tmp_path / "chain.yaml"
    file.write_text(CHAIN)
    # West to east: two wires to the first router, three routers of three stages, two wires of 6 - 3
    # cycles between them and one to the node, four flits behind the head.
    answer = probe("--topology", str(file), "--load", "0.0005", "--traffic", "hotspot:4", "--seed", "3")
    assert answer["size"] == "5"
    hops = answer["avg_hops"]
    assert answer["avg_packet_latency"] == pytest.approx(2 + 3 * hops + 3 * (hops - 1) + 1 + 4, abs=0.5)


def test_the_example_of_a_network_file_runs(tmp_path):
    text = (ROOT / "configs/README.md").read_text()
    example = text[text.rindex("```yaml") + len("```yaml") : text.rindex("```")]
    file = tmp_path / "example.yaml"
    file.write_text(example)
    assert probe("--topology", str(file), "--load", "0.1")["saturated"] is False


@pytest.mark.parametrize(
    ("text", "arguments", "message"),
    [
        (
            CHAIN.replace("  - {from: middle, to: east, width: 128 B/clk, hop: 6 clk}\n", ""),
            [],
            "orrery: probe noc: network: node 3 (east) cannot reach node 0 (west)\n",
        ),
        (
            ONE_WAY_RING,
            [],
            "orrery: probe noc: network: routes can deadlock: a -> b -> c -> a in class 0 wait for each other\n",
        ),
        (CHAIN.replace("64 B/clk", "0 B/clk"), [], ":4:37: "),
        (CHAIN.replace("hop: 6 clk", "hop: 2 clk"), [], "a hop of 2 clk, but the router's stages take 3 clk"),
        (CHAIN.replace("east, east]", "east, north]"), [], ":6:8: unknown router 'north'"),
        (CHAIN, ["--size", "4"], "--size does not go with a network from a file"),
        (CHAIN, ["--fidelity", "fast"], "the fast tier does not go with a network from a file"),
    ],
)
def test_networks_from_files_that_cannot_be_are_refused(tmp_path, text, arguments, message):
    file = tmp_path / "network.yaml"
    file.write_text(text)
    result = run("--topology", str(file), "--load", "0.1", *arguments)
    assert result.returncode == 2 and result.stdout == ""
    assert message in result.stderr and result.stderr.count("\n") == 1
