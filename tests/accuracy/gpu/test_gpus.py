# SPDX-License-Identifier: Apache-2.0
"""Simulated GPUs against measured ones.

published.csv   figures typed in from papers and READMEs, each with its source: run everywhere
reference       gemm.csv, attention.csv and gemm_power.csv of ORRERY_REFERENCE/nvidia (default ../shared/reference), where
                they are
measured        GEMMs that tests/accuracy/measured has of an H200: run everywhere

limits.csv says how far off each set may be, in per cent: `max_mape` and `max_bias` of all its rows (but of the
reference's gemm.csv and attention.csv: of the half that nothing was fitted on), `sample_max_mape` of the few that run
when ORRERY_ACCURACY is not `full`, `max_power_mape` of the power of sustained runs. A set whose chip has no file in configs/chips is skipped; one that is not in limits.csv fails.
"""
import csv
import json
import os
import subprocess
from pathlib import Path

import pytest

PROGRAM = os.environ.get("ORRERY_PROGRAM", "build/release/orrery")
SOURCE = Path(os.environ.get("ORRERY_SOURCE_DIR", "."))
REFERENCE = SOURCE / os.environ.get("ORRERY_REFERENCE", "../shared/reference")
FULL = os.environ.get("ORRERY_ACCURACY") == "full"
JOBS = str(os.cpu_count() or 1)
SAMPLE = 6  # rows of each device, phase and dtype
SAMPLE_OF_A_SET = 8
SAMPLE_OF_SUSTAINED = 1  # they take a hundred times as long: their calls are repeated until the clock stands
HERE = Path(__file__).resolve().parent


def read_csv(path):
    with path.open(newline="") as file:
        return list(csv.DictReader(file))


LIMITS = {(row["source"], row["chip"], row["phase"], row["dtype"], row["kv_dtype"]): row
          for row in read_csv(HERE / "limits.csv")}
PUBLISHED = read_csv(HERE / "published.csv")
SETS = sorted({(row["set"], row["chip"]) for row in PUBLISHED})


def limit_of(*key):
    assert key in LIMITS, f"tests/accuracy/gpu/limits.csv has no line for {','.join(key)}"
    return LIMITS[key]


def check(limit, mape, bias, what):
    """`mape` and `bias` as ratios."""
    print(f"{what}: MAPE {100 * mape:.1f} %, bias {100 * bias:+.1f} %")
    if FULL:
        assert 100 * mape <= float(limit["max_mape"]), what
        assert 100 * abs(bias) <= float(limit["max_bias"]), what
    else:
        assert 100 * mape <= float(limit["sample_max_mape"]), what


def flop(row):
    if row["kind"] == "gemm":
        return 2 * int(row["m"]) * int(row["n"]) * int(row["k"])
    full = 4 * int(row["batch"]) * int(row["heads"]) * int(row["seq"]) ** 2 * int(row["head_dim"])
    return full // 2 if row["causal"] == "1" else full  # as the authors of FlashAttention count


def measured_us(row):
    value = float(row["value"])
    return value if row["unit"] == "us" else flop(row) / value / 1e6


def simulated_us(rows, chip, folder):
    """One trace of all rows; no data is shared."""
    trace = folder / "trace.csv"
    with trace.open("w", newline="") as file:
        write = csv.writer(file)
        write.writerow("name kind dtype m n k batch heads seq_q head_dim causal".split())
        for i, row in enumerate(rows):
            write.writerow([f"row{i}"] + [row[c] for c in "kind dtype m n k batch heads seq head_dim causal".split()])
    # The chips' attention is that of TensorRT-LLM, as in the reference; without it the mapping chooses.
    other = ["--set", "software.attention=null"] if rows[0]["kind"] == "attention" else []
    done = subprocess.run([PROGRAM, "run", "-c", chip, "-w", trace, "--json", *other], capture_output=True, text=True,
                          check=False)
    assert done.returncode == 0, done.stderr
    return [op["time_us"] for op in json.loads(done.stdout)["ops"]]


def rows_of(name, chip):
    rows = [row for row in PUBLISHED if (row["set"], row["chip"]) == (name, chip)]
    step = 1 if FULL else max(1, len(rows) // SAMPLE_OF_A_SET)
    return rows[::step]


@pytest.mark.parametrize("name, chip", SETS)
def test_published_figures(name, chip, tmp_path):
    if not (SOURCE / f"configs/chips/{chip}.yaml").exists():
        pytest.skip(f"no chip {chip}")
    rows = rows_of(name, chip)
    times = simulated_us(rows, chip, tmp_path)
    errors = [simulated / measured_us(row) - 1 for row, simulated in zip(rows, times)]
    for row, simulated in zip(rows, times):
        shape = "x".join(row[c] for c in "m n k batch seq heads head_dim".split() if row[c])
        print(f"  {shape}{' causal' if row['causal'] == '1' else ''}: {flop(row) / simulated / 1e6:.0f} TFLOP/s, "
              f"published {flop(row) / measured_us(row) / 1e6:.0f}")
    if name == "flash-attention-2":
        # Neither overlaps softmax with products nor uses Hopper's matrix instructions: a kernel that does both
        # must not be slower, but for what the smallest calls lose at either end.
        assert all(error < 0.15 for error in errors)
        return
    phase = "gemm" if rows[0]["kind"] == "gemm" else "prefill"
    limit = limit_of(name, chip, phase, rows[0]["dtype"], "")
    check(limit, sum(map(abs, errors)) / len(errors), sum(errors) / len(errors), f"{name} {chip}")


MEASURED = SOURCE / "tests/accuracy/measured"


def check_groups(source, path, *arguments, rows=SAMPLE):
    if not path.exists():
        pytest.skip(f"no measurements at {path}")
    sample = [] if FULL else ["--sample", str(rows)]
    done = subprocess.run([PROGRAM, "validate", "--measured", path, "--json", "--worst", "0", "--jobs", JOBS,
                           *sample, *arguments], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    groups = json.loads(done.stdout)["groups"]
    assert groups
    failures = []
    for group in groups:
        key = [group[name] for name in ("device", "phase", "dtype", "kv_dtype")]
        limit = limit_of(source, *key)
        try:
            check(limit, group["mape"], group["bias"], f"{source} {' '.join(key)}")
            if limit["max_power_mape"]:
                assert "power" in group, f"the power of {key[0]} is not modelled"
                print(f"  power: MAPE {100 * group['power']['mape']:.1f} %")
                assert 100 * group["power"]["mape"] <= float(limit["max_power_mape"]), f"power of {key}"
        except AssertionError as error:  # all groups are printed before the first failure
            failures.append(str(error))
    assert not failures


@pytest.mark.parametrize("file", ["gemm", "attention"])
def test_reference(file):
    check_groups("reference", REFERENCE / "nvidia" / f"{file}.csv", *(["--half", "test"] if FULL else []))


def test_reference_power():
    check_groups("reference-power", REFERENCE / "nvidia" / "gemm_power.csv", rows=SAMPLE_OF_SUSTAINED)


@pytest.mark.parametrize("file", ["gemm", "gemm_zeros", "gemm_sustained"])
def test_measured(file):
    check_groups(f"measured-{file}", MEASURED / f"h200-sxm_{file}.csv",
                 rows=SAMPLE_OF_SUSTAINED if file == "gemm_sustained" else SAMPLE)
