# SPDX-License-Identifier: Apache-2.0
"""What scripts/measure_gpu.py does without a GPU and without PyTorch: shapes, columns, errors, help."""

import csv
import io
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent
SCRIPT = ROOT / "scripts" / "measure_gpu.py"
MEASURED = ROOT / "tests" / "accuracy" / "measured"
sys.path.insert(0, str(ROOT / "scripts"))

from gpu_kernels import board, candidates, shapes, step, table  # noqa: E402
from gpu_kernels.measurement import Measurement  # noqa: E402
from gpu_kernels.timing import Timing  # noqa: E402


@pytest.fixture
def run(tmp_path):
    """Runs the script with a PyTorch that cannot be imported, whatever is installed."""
    (tmp_path / "torch.py").write_text("raise ImportError('there is none')\n")

    def runner(*arguments):
        return subprocess.run(
            [sys.executable, "-B", SCRIPT, *map(str, arguments)], capture_output=True, text=True,
            cwd=tmp_path, env={"PYTHONPATH": str(tmp_path)}, check=False,
        )  # fmt: skip

    return runner


def rows_of(text):
    return list(csv.DictReader(io.StringIO(text)))


def test_help_shows_examples_and_what_fp8_rows_leave_out(run):
    ran = run("--help")
    assert ran.returncode == 0
    assert "scripts/measure_gpu.py gemm --out gemm.csv" in ran.stdout
    assert "NO quantisation" in ran.stdout


def test_a_missing_pytorch_is_one_line_and_leaves_no_file(run, tmp_path):
    out = tmp_path / "gemm.csv"
    ran = run("gemm", "--out", out)
    assert (ran.returncode, ran.stdout) == (2, "")
    assert ran.stderr == "measure_gpu: needs PyTorch with CUDA (pip install torch): there is none\n"
    assert not out.exists()


def test_a_missing_gpu_is_one_line(run, tmp_path):
    (tmp_path / "torch.py").write_text("class cuda:\n    is_available = staticmethod(lambda: False)\n")
    ran = run("gemm")
    assert ran.returncode == 2
    assert ran.stderr == "measure_gpu: PyTorch finds no Nvidia GPU (see nvidia-smi and torch.version.cuda)\n"


def test_the_spread_is_the_same_each_time_and_covers_the_ranges(run):
    text = run("gemm", "--list", "--count", "500").stdout
    assert text == run("gemm", "--list").stdout
    assert text != run("gemm", "--list", "--seed", "2").stdout
    spread = [shapes.Gemm(*(int(row[axis]) for axis in "mnk")) for row in rows_of(text)]
    assert len(set(spread)) == 500
    for axis, low, high in (("m", 1, 32769), ("n", 32, 65536), ("k", 32, 65536)):
        values = [getattr(shape, axis) for shape in spread]
        assert low <= min(values) and max(values) <= high
        middle = (low * high) ** 0.5
        assert 150 < sum(value < middle for value in values) < 350  # spread evenly in the logarithm
    assert all(shape.n % 32 == 0 and shape.k % 32 == 0 for shape in spread)
    assert max(shape.flop for shape in spread) <= 2e13


def test_attention_is_spread_over_both_phases(run):
    rows = rows_of(run("attention", "--list", "--count", "40").stdout)
    assert [row["phase"] for row in rows].count("decode") == 20
    for row in rows:
        assert int(row["heads"]) % int(row["kv_heads"]) == 0
        assert row["seq_q"] == ("1" if row["phase"] == "decode" else row["seq_kv"])


def test_shapes_come_from_a_file_with_columns_to_spare(run, tmp_path):
    path = tmp_path / "shapes.csv"
    path.write_text("device,dtype,m,n,k,latency_us\nx,bf16,1,2,3,4\nx,fp8,1,2,3,5\nx,bf16,7,8,9,4\n")
    assert run("gemm", "--list", "--shapes", path).stdout == "m,n,k\n1,2,3\n7,8,9\n"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("m,n\n1,2\n", "shapes.csv:1: has no column k; needs m, n, k"),
        ("m,n,k\n1,2,3\n1,x,3\n", "shapes.csv:3: n is 'x'; expected a whole number above 0"),
        ("m,n,k\n1,2,0\n", "shapes.csv:2: k is '0'; expected a whole number above 0"),
        ("m,n,k\n", "shapes.csv: holds no shapes"),
        (None, "shapes.csv: No such file or directory"),
    ],
)
def test_a_bad_file_of_shapes_is_one_line(run, tmp_path, text, message):
    if text is not None:
        (tmp_path / "shapes.csv").write_text(text)
    ran = run("gemm", "--list", "--shapes", "shapes.csv")
    assert (ran.returncode, ran.stderr) == (2, f"measure_gpu: {message}\n")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--backend", "math"], "--backend is 'math'; expected cudnn, flash or cudnn,flash"),
        (["--mode", "sustained", "--l2", "flushed"],
         "--l2 flushed goes with --mode burst only: a flush would be a pause"),
        (["--out", "torch.py"], "torch.py: exists already"),
    ],
)  # fmt: skip
def test_options_that_cannot_be_met_are_one_line(run, arguments, message):
    ran = run("attention", *arguments)
    assert (ran.returncode, ran.stderr) == (2, f"measure_gpu: {message}\n")


def test_rows_reach_the_file_at_once_and_gaps_stay_empty(tmp_path):
    path = tmp_path / "rows.csv"
    with open(path, "w", newline="") as file:
        rows = table.Table(file, table.GEMM)
        rows.write(device="h200-sxm", m=1, latency_us=2.5, power_w=None)
        assert path.read_text().splitlines()[1] == "h200-sxm,,1,,,2.5,,,,,,,,"


def test_boards_have_the_names_of_the_reference_data():
    names = [board.device_name(f"NVIDIA {name}") for name in ("H200", "H100 80GB HBM3", "A100-SXM4-80GB", "L4")]
    assert names == ["h200-sxm", "h100-sxm", "a100-sxm-80gb", "l4"]


def test_power_is_the_energy_between_the_first_and_the_last_step_of_the_counter():
    samples = [board.Sample(at * 0.05, 1500.0, 999.0, 70_000 * (at // 2)) for at in range(12)]
    sampler = board.Sampler(board.BlindBoard())
    sampler.samples = samples
    clock_mhz, power_w = sampler.mean_since(0.0)
    assert (clock_mhz, round(power_w, 6)) == (1500.0, 700.0)
    assert sampler.mean_since(0.5) == (1500.0, 999.0)  # too short for the counter
    assert sampler.mean_since(9.0) == (None, None)


def test_a_call_of_a_trace_gets_the_last_sample_before_its_end():
    samples = [(at, board.Sample(at, 1980.0, float(at))) for at in (-50, 5, 15, 40)]
    rows = step.merge([(0.0, 10.0, 1800.0), (10.0, 10.0, 1700.0)], samples)
    assert [row["power_w"] for row in rows] == [5.0, 15.0]


@pytest.mark.parametrize("path", sorted(MEASURED.glob("*.csv")), ids=lambda path: path.name)
def test_committed_measurements_have_the_columns_the_script_writes(path):
    with open(path, newline="", encoding="utf-8") as file:
        rows = csv.DictReader(file)
        known = [set(columns) for columns in table.COLUMNS.values()]
        if "kernels" not in path.name and "bulk_copies" not in path.name:
            assert any(set(rows.fieldnames) >= columns for columns in known)
        for row in rows:
            assert None not in row.values() and None not in row
            if row.get("latency_us"):
                assert float(row["latency_us"]) > 0


def profiled_call(*names):
    return [{"name": name, "args": {"grid": [2, 66, 1]}} for name in names]


def test_the_name_of_a_cublas_kernel_tells_its_tile():
    # The name counts n first; T: the instruction's 64 rows lie along n.
    kernel = candidates.kernel_of(profiled_call("nvjet_sm90_tst_128x176_64x5_2x1_v_bz_TNT"))
    assert kernel[1:] == ("2x66x1", False, 176, 128, 64, 5, 1, 2, True)
    kernel = candidates.kernel_of(profiled_call("nvjet_sm90_tst_80x512_64x2_1x4_h_bz_coopA_splitK_TNN", "reduce"))
    assert kernel[1:] == ("2x66x1", False, 512, 80, 64, 2, 4, 1, False)


def test_a_counter_that_is_set_to_zero_and_unknown_kernels_are_told():
    assert candidates.kernel_of(profiled_call("Memset (Device)", "nvjet_sm90_tst_64x8_64x16_4x1_v_bz_TNT")).counter
    kernel = candidates.kernel_of(profiled_call("ampere_bf16_s16816gemm_bf16_128x64"))
    assert kernel[:4] == ("ampere_bf16_s16816gemm_bf16_128x64", "2x66x1", False, None)


def test_candidates_are_of_bursts_of_bf16(run):
    for option in (("--mode", "sustained"), ("--l2", "flushed"), ("--dtype", "fp8")):
        ran = run("candidates", *option)
        assert (ran.returncode, ran.stderr) == (
            2, "measure_gpu: candidates are measured in bursts of bf16, L2 warm\n",
        )  # fmt: skip


def test_candidates_take_the_operands_asked_for_and_a_shape_that_fails_is_left_out(monkeypatch, capsys):
    kernel = candidates.Kernel("nvjet", "2x66x1", True, 128, 64, 64, 4, 1, 2, False)
    asked, rows = [], []

    def timed(torch, gpu, shape, pool, library, most):
        if shape.m == 2:
            raise RuntimeError("out of memory")
        for rank in range(most):
            yield rank, Timing(3.5, 0.1, 1980.0), 1, None

    monkeypatch.setattr(candidates, "Library", lambda torch: None)
    monkeypatch.setattr(candidates, "timed", timed)
    monkeypatch.setattr(candidates, "profiled", lambda torch, calls: [kernel] * len(calls))
    gpu = SimpleNamespace(busy_us=0.0, board=SimpleNamespace(power_limit_w=700))
    measurement = Measurement(SimpleNamespace(__version__="2", bfloat16="bf16"), gpu, "h200-sxm")
    monkeypatch.setattr(measurement, "pool", lambda kind, dtype: asked.append((kind, dtype)))
    options = SimpleNamespace(operator="candidates", candidates=2, operands="zeros", l2="warm", mode="burst")
    wanted = [shapes.Gemm(m, 64, 64) for m in (1, 2, 3)]
    done = measurement.shapes(SimpleNamespace(write=lambda **row: rows.append(row)), wanted, options, float("inf"))
    assert (done, asked) == (2, [("zeros", "bf16")])
    assert [(row["m"], row["rank"], row["operands"], row["counter"]) for row in rows] == [
        (1, 0, "zeros", 1), (1, 1, "zeros", 1), (3, 0, "zeros", 1), (3, 1, "zeros", 1),
    ]  # fmt: skip
    assert set(rows[0]) == set(table.COLUMNS["candidates"])
    assert "(2, 64, 64): out of memory" in capsys.readouterr().err


def test_the_measured_candidates_hold_what_their_names_tell():
    with open(MEASURED / "h200-sxm_gemm_candidates.csv", newline="", encoding="utf-8") as file:
        reader = csv.DictReader(file)
        assert tuple(reader.fieldnames) == table.COLUMNS["candidates"]
        for row in reader:
            kernel = candidates.kernel_of([{"name": row["kernel"]}])
            assert [str(int(value)) for value in kernel[3:]] == [
                row[name] for name in ("tile_m", "tile_n", "tile_k", "stages", "cluster_m", "cluster_n", "rows_along_n")
            ]
            # What draws its tiles from a counter has more than two waves of them, or it splits k over more than one.
            tasks = -(-int(row["m"]) // int(row["tile_m"])) * -(-int(row["n"]) // int(row["tile_n"]))
            if row["split"] == "1":
                assert (row["counter"] == "1") == (tasks > 2 * 132)
