# SPDX-License-Identifier: Apache-2.0
"""`orrery run` as a user calls it: from YAML to HDF5, and what it says to bad input."""
import json
import os
import pathlib
import subprocess

import h5py
import pytest
import xarray

PROGRAM = os.environ["ORRERY_PROGRAM"]
MODEL = {
    "architectures": ["LlamaForCausalLM"], "hidden_size": 256, "intermediate_size": 512,
    "num_hidden_layers": 6, "num_attention_heads": 4, "num_key_value_heads": 2, "vocab_size": 1000,
    "rms_norm_eps": 1e-5, "hidden_act": "silu", "torch_dtype": "bfloat16",
    "tie_word_embeddings": False, "max_position_embeddings": 4096,
}


def orrery(*arguments):
    return subprocess.run([PROGRAM, *map(str, arguments)], capture_output=True, text=True, check=False)


@pytest.fixture
def model(tmp_path):
    path = tmp_path / "small.json"
    path.write_text(json.dumps(MODEL))
    return path


@pytest.mark.parametrize("phase", ["prefill", "decode"])
def test_a_model_runs_on_every_chip_and_two_lines_read_it(model, tmp_path, phase):
    for chip in ("tiny", "npu4", "maia100", "h100-sxm"):
        file = tmp_path / f"{chip}.h5"
        ran = orrery("run", "-c", chip, "--model", model, "--phase", phase, "--context", 64, "-o", file)
        assert ran.returncode == 0, ran.stderr
        assert ("power not modelled" in ran.stdout) == (chip in ("tiny", "npu4"))
        ops = xarray.open_dataset(file, group="ops", engine="h5netcdf").to_dataframe()
        assert ("power" in ops) == (chip not in ("tiny", "npu4"))
        assert len(ops) == 1 + 6 * 11 + 2
        assert (ops["end"] > ops["start"]).all()
        assert ops["reused"].any()


def test_energy_of_parts_sums_to_the_operators_and_power_is_energy_over_time(model, tmp_path):
    file = tmp_path / "a.h5"
    ran = orrery("run", "-c", "maia100", "--model", model, "--phase", "decode", "--context", 64, "-o", file,
                 "--set", "power.cap=700W")
    assert ran.returncode == 0, ran.stderr
    assert "power sustained, random operands, cap 700 W" in ran.stdout
    assert "energy per token" in ran.stdout
    ops = xarray.open_dataset(file, group="ops", engine="h5netcdf")
    energy = xarray.open_dataset(file, group="energy", engine="h5netcdf").energy
    assert ops.energy.attrs["units"] == "J" and ops.power.attrs["units"] == "W"
    assert abs(energy.sum("part").values / ops.energy.values - 1).max() < 1e-12
    seconds = (ops.end - ops.start).values * 1e-15
    assert abs(ops.power.values * seconds / ops.energy.values - 1).max() < 1e-9
    assert (ops.clock.values <= 1.526e9).all()
    with h5py.File(file) as result:
        summary = result["summary"]
        assert abs(summary["energy"][()] / ops.energy.values.sum() - 1) < 1e-9
        assert abs(summary["energy_per_token"][()] / summary["energy"][()] - 1) < 1e-9  # one token
        in_time = result["timeline/energy"][:].sum() * 1e-12
        assert in_time > 0.2 * summary["energy"][()]  # of simulated operators


def test_a_cap_lowers_clock_and_power_and_is_named_as_the_bound(tmp_path):
    whole = json.loads(orrery("run", "-c", "h100-sxm", "-w", "gemm-4096", "--json").stdout)
    less = json.loads(orrery("run", "-c", "h100-sxm", "-w", "gemm-4096", "--json", "--set",
                             "power.cap=400W").stdout)
    (op,), (slow,) = whole["ops"], less["ops"]
    assert slow["bound"] == "power"
    assert slow["clock_mhz"] < op["clock_mhz"] <= 1980
    assert slow["time_us"] > op["time_us"]
    assert abs(slow["power_w"] / 400 - 1) < 0.05
    assert abs(sum(less["energy_j"].values()) / slow["energy_j"] - 1) < 1e-9


def test_power_options_are_checked():
    assert "power is not modelled" in orrery("run", "-c", "npu4", "-w", "gemm-4096", "--operands",
                                             "zeros").stderr
    ran = orrery("run", "-c", "maia100", "-w", "gemm-4096", "--power-mode", "bursty")
    assert ran.returncode == 2
    assert ran.stderr == "orrery: --power-mode: 'bursty' is neither burst nor sustained\n"


def test_stalls_sum_to_cores_times_duration(model, tmp_path):
    file = tmp_path / "a.h5"
    assert orrery("run", "-c", "tiny", "--model", model, "--phase", "prefill", "--context", 64,
                  "-o", file).returncode == 0
    with h5py.File(file) as result:
        duration = result["ops/end"][:] - result["ops/start"][:]
        assert (result["stalls/core_time"][:].sum(axis=1) == 2 * duration).all()


def test_the_same_run_twice_gives_the_same_content(model, tmp_path):
    hashes = []
    for name in ("a.h5", "b.h5"):
        orrery("run", "-c", "h100-sxm", "--model", model, "--phase", "decode", "--context", 64,
               "-o", tmp_path / name)
        with h5py.File(tmp_path / name) as result:
            hashes.append(result.attrs["content_hash"])
    assert hashes[0] == hashes[1]


def test_reuse_changes_the_total_by_one_percent_at_most(model):
    times = []
    for extra in ([], ["--no-reuse"]):
        ran = orrery("run", "-c", "h100-sxm", "--model", model, "--phase", "prefill", "--context", 256,
                     "--json", *extra)
        times.append(json.loads(ran.stdout)["total_time_us"])
    assert times[0] == pytest.approx(times[1], rel=0.01)


@pytest.mark.parametrize("phase, tokens", [("decode", 3), ("prefill", 3 * 64)])
def test_tokens_are_counted_once_each(model, phase, tokens):
    ran = orrery("run", "-c", "h100-sxm", "--model", model, "--phase", phase, "--batch", 3, "--context", 64, "--json")
    summary = json.loads(ran.stdout)["summary"]
    seconds = summary["total_time"]["value"] * 1e-15
    assert summary["tokens_per_second"]["value"] * seconds == pytest.approx(tokens)
    assert summary["energy_per_token"]["value"] * tokens == pytest.approx(summary["energy"]["value"])


@pytest.mark.parametrize("arguments, message", [
    (["-c", "h100-sx", "-w", "gemm-4096"], "did you mean 'h100-sxm'?"),
    (["-c", "tiny", "-w", "gemm-409"], "did you mean 'gemm-4096'?"),
    (["-c", "tiny", "-w", "gemm-4096", "--set", "core.count=0"], "expected an integer from 1"),
    (["-c", "tiny", "-w", "gemm-4096", "--set", "core.cout=3"], "did you mean 'count'?"),
    (["-c", "tiny", "-w", "gemm-4096", "--set", "core.clock=3"], "the unit is missing"),
    (["-c", "h100-sxm", "-w", "gemm-4096", "--tile", "1024x1024x64"], "B of scratchpad"),
    (["-c", "h100-sxm", "-w", "gemm-4096", "--tile", "12x"], "expected MxNxK"),
    (["-c", "tiny", "-w", "llama-3.1-8b-prefill"], "GiB missing"),
    (["-c", "tiny", "-w", "gemm-4096", "-o", "/nonexistent/x.h5"], "cannot write"),
    (["-c", "tiny", "-w", "gemm-4096", "--chi", "tiny"], "did you mean '--chip'?"),
    (["-c", "tiny", "-w", "gemm-4096", "stray"], "unexpected word 'stray'"),
    (["-c", "tiny", "-w", "gemm-4096", "--set-workload", "operators.0.m=18446744073709551615"],
     "exceed 64 bits"),
    (["-c", "maia100", "-w", "gemm-4096", "--set-workload", "operators.0.dtype=fp8"],
     "does not compute in fp8"),
])
def test_bad_input_is_one_line_and_exit_2(arguments, message):
    ran = orrery("run", *arguments)
    assert ran.returncode == 2
    assert message in ran.stderr
    assert ran.stderr.count("\n") == 1
    assert ran.stdout == ""


def test_nothing_is_left_behind_when_the_folder_cannot_be_written(tmp_path):
    below_a_file = tmp_path / "file"
    below_a_file.write_text("")
    ran = orrery("run", "-c", "tiny", "-w", "gemm-decode", "-o", below_a_file / "x.h5")
    assert ran.returncode == 2
    assert list(tmp_path.iterdir()) == [below_a_file]


def test_a_full_disk_is_one_line_and_nothing_half_written(tmp_path):
    # A file system of 16 KiB in a mount namespace of our own; a result takes more.
    script = """mount -t tmpfs -o size=16k none "$1" || exit 99
cd "$1" && echo keep > old.h5 && "$2" run -c tiny -w gemm-decode -o new.h5
echo "code $?" && "$2" run -c tiny -w gemm-decode -o old.h5
echo "code $?" && ls -A && cat old.h5"""
    try:
        ran = subprocess.run(["unshare", "--user", "--map-root-user", "--mount", "sh", "-c", script, "sh",
                              tmp_path, PROGRAM], capture_output=True, text=True, check=False)
    except FileNotFoundError:
        pytest.skip("no unshare")
    if "code" not in ran.stdout:
        pytest.skip("no file system of our own here")
    assert ran.stdout == "code 2\ncode 2\nold.h5\nkeep\n"
    assert ran.stderr == ("orrery: new.h5: cannot write: No space left on device\n"
                          "orrery: old.h5: cannot write: No space left on device\n")


def test_sampling_is_reported_and_never_done_unasked(tmp_path):
    results = {}
    workload = tmp_path / "long.yaml"
    workload.write_text("operators:\n  - {name: gemm, kind: gemm, m: 4096, n: 4096, k: 16384, dtype: bf16}\n")
    for name, options in (("full", []), ("sampled", ["--sampling"])):
        file = tmp_path / f"{name}.h5"
        ran = orrery("run", "-c", "h100-sxm", "-w", workload, "--json", "-o", file, *options)
        assert ran.returncode == 0, ran.stderr
        results[name] = json.loads(ran.stdout)
        ops = xarray.open_dataset(file, group="ops", engine="h5netcdf")
        credited = ops.credited.values[0] / (ops.end - ops.start).values[0]
        assert (credited > 0.2) if name == "sampled" else credited == 0
    full, sampled = results["full"]["ops"][0], results["sampled"]["ops"][0]
    assert sampled["flop"] == full["flop"]
    assert sampled["time_us"] == pytest.approx(full["time_us"], rel=0.015)
    assert "simulated_share" in sampled and "simulated_share" not in full
    assert any("sampled:" in note for note in results["sampled"]["notes"])
    assert not any("sampled:" in note for note in results["full"]["notes"])
