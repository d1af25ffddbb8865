# SPDX-License-Identifier: Apache-2.0
"""`orrery run --timeline` and `orrery report --perfetto`: what is kept, and the trace parsed back by
protoc."""
import json
import os
import re
import subprocess

import pytest
import xarray

PROGRAM = os.environ["ORRERY_PROGRAM"]
SOURCE = os.environ["ORRERY_SOURCE_DIR"]


def orrery(*arguments):
    return subprocess.run([PROGRAM, *map(str, arguments)], capture_output=True, text=True, check=False)


def ran(*arguments):
    result = orrery(*arguments)
    assert result.returncode == 0, result.stderr
    return result


def small_gemm(folder):
    path = folder / "gemm.csv"
    path.write_text("name,kind,m,n,k,dtype\nfirst,gemm,128,128,256,bf16\nsecond,gemm,256,128,128,bf16\n")
    return path


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("trace")
    for chip in ("tiny", "maia100"):
        ran("run", "-c", chip, "-w", small_gemm(folder) if chip == "tiny" else "gemm-4096", "--timeline", "-o",
            folder / f"{chip}.h5")
        ran("report", folder / f"{chip}.h5", "--perfetto", folder / f"{chip}.pftrace")
    return folder


def dataset(file, group):
    return xarray.open_dataset(file, group=group, engine="h5netcdf")


def decoded(trace):
    """The packets of a trace as protoc prints them."""
    text = subprocess.run(["protoc", f"--proto_path={SOURCE}", "--decode=orrery.trace.Trace",
                           "report/perfetto_trace.proto"], stdin=open(trace, "rb"), capture_output=True, check=True,
                          cwd=SOURCE).stdout.decode()
    return re.findall(r"^packet \{\n(.*?)^\}", text, re.DOTALL | re.MULTILINE)


def field(packet, name):
    found = re.search(rf"^\s*{name}: \"?(.*?)\"?$", packet, re.MULTILINE)
    return found.group(1) if found else None


def tracks(trace):
    """Path of names of each track -> its packets of events."""
    paths, events = {}, {}
    for packet in decoded(trace):
        if "track_descriptor" in packet:
            parent = paths.get(field(packet, "parent_uuid"))
            paths[field(packet, "uuid")] = (parent + "/" if parent else "") + field(packet, "name")
        else:
            events.setdefault(paths[field(packet, "track_uuid")], []).append(packet)
    return events


@pytest.mark.parametrize("chip", ["tiny", "maia100"])
def test_a_trace_has_tracks_for_units_channels_and_links(folder, chip):
    found = tracks(folder / f"{chip}.pftrace")
    names = set(found)
    assert f"{chip}/operators" in names and f"{chip}/kernels" in names
    for track in ("tile tasks", "tensor unit", "tensor busy %", "load MB/s", "store MB/s"):
        assert f"core 0/{track}" in names, sorted(names)[:40]
    assert any(name.startswith("hbm/channel[0]") for name in names)
    assert any(name.startswith("network/core 0 ") for name in names)
    begins = sum("SLICE_BEGIN" in packet for packet in found["core 0/tensor unit"])
    ends = sum("SLICE_END" in packet for packet in found["core 0/tensor unit"])
    assert begins == ends > 0
    times = [int(field(packet, "timestamp") or 0) for packet in found[f"{chip}/operators"]]
    total_ns = float(dataset(folder / f"{chip}.h5", "summary").total_time) * 1e-6
    assert abs(times[-1] - total_ns) <= 1


def test_the_field_numbers_are_perfettos(folder):
    raw = subprocess.run(["protoc", "--decode_raw"], stdin=open(folder / "tiny.pftrace", "rb"), capture_output=True,
                         check=True).stdout.decode()
    assert re.search(r"^1 \{\n  10: 1\n  60 \{\n    1: 1\n    2: \"tiny\"\n  \}\n\}", raw, re.MULTILINE)
    assert re.search(r"^1 \{\n  8: \d+\n  10: 1\n  11 \{\n    9: 1\n    11: \d+\n    23: \"", raw, re.MULTILINE)
    assert re.search(r"^1 \{\n  8: \d+\n  10: 1\n  11 \{\n    9: 4\n    11: \d+\n    30: \d+\n", raw, re.MULTILINE)


def test_the_timeline_holds_what_the_operators_did(folder):
    file = folder / "maia100.h5"
    timeline = dataset(file, "timeline")
    ops = dataset(file, "ops")
    assert int(timeline.bytes.sel(component="network").sum()) == int(ops.network_bytes.sum())
    busy = timeline.busy
    units = [name for name in timeline.component.values if name.endswith(".tensor")]
    assert len(units) == 64
    assert int(busy.sel(component=units).sum()) == int(busy.sel(component="tensor").sum())
    # Each byte that a core got came in by its port, with a header.
    links = dataset(file, "links")
    to_cores = [str(name).startswith("core") for name in links["to"].values]
    loads = [name for name in timeline.component.values if name.endswith(".load")]
    assert int(links.response_bytes.values[to_cores].sum()) > int(timeline.bytes.sel(component=loads).sum()) > 0


def test_links_have_the_same_ends_in_both_tiers(tmp_path):
    links = []
    for tier in ("fast", "detailed"):
        file = tmp_path / f"{tier}.h5"
        ran("run", "-c", "npu4", "-w", small_gemm(tmp_path), "--fidelity", tier, "--timeline", "-o", file)
        frame = dataset(file, "links").to_dataframe()
        assert (frame.request_bytes + frame.response_bytes).sum() > 0
        links.append(frame[["name", "from", "to"]])
        components = dataset(file, "timeline").component.values
        assert any(name.startswith("hbm.channel[") for name in components)
        assert {"network." + name for name in frame.name} <= set(components)
    assert links[0].equals(links[1])
    assert set(links[0]["to"]) & set(links[0]["from"])


def test_links_count_repeats_and_left_out_time(tmp_path):
    model = tmp_path / "small.json"
    model.write_text(json.dumps({
        "architectures": ["LlamaForCausalLM"], "hidden_size": 256, "intermediate_size": 512, "num_hidden_layers": 6,
        "num_attention_heads": 4, "num_key_value_heads": 2, "vocab_size": 1000, "rms_norm_eps": 1e-5,
        "hidden_act": "silu", "torch_dtype": "bfloat16", "tie_word_embeddings": False,
        "max_position_embeddings": 4096}))

    def bytes_of(*more):
        file = tmp_path / "run.h5"
        ran("run", "-c", "maia100", "--model", model, "--phase", "prefill", "--context", 256, "-o", file, *more)
        links, timeline, ops = dataset(file, "links"), dataset(file, "timeline"), dataset(file, "ops")
        moved = float(timeline.bytes.sel(component="network").sum())
        assert abs(moved / float(ops.network_bytes.sum()) - 1) < 0.02
        end = float(ops["end"].max())
        assert float(timeline.time.max()) < 1.02 * end
        return float((links.request_bytes + links.response_bytes).sum())

    whole = bytes_of("--no-reuse")
    # The first layer stands for all; the others' tensors start at other banks, at other distances.
    assert abs(bytes_of() / whole - 1) < 0.04
    assert abs(bytes_of("--sampling") / whole - 1) < 0.05


def test_a_run_without_timeline_still_has_operators_and_tasks(tmp_path):
    file, trace = tmp_path / "run.h5", tmp_path / "run.pftrace"
    ran("run", "-c", "tiny", "-w", small_gemm(tmp_path), "-o", file)
    ran("report", file, "--perfetto", trace)
    names = set(tracks(trace))
    assert "tiny/operators" in names and "core 0/tile tasks" in names and "tiny/hbm MB/s" in names
    assert "core 0/tensor unit" not in names


def test_timeline_and_what_it_cannot_go_with():
    refused = orrery("run", "-c", "tiny", "-w", "gemm-4096", "--timeline")
    assert refused.returncode == 2
    assert refused.stderr == "orrery: run: --timeline needs --output, the file in which it is kept\n"
    refused = orrery("run", "-c", "tiny", "-w", "gemm-4096", "--timeline", "--sampling", "-o", "x.h5")
    assert refused.returncode == 2
    assert refused.stderr == "orrery: run: --timeline and --sampling exclude each other\n"
