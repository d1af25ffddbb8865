# SPDX-License-Identifier: Apache-2.0
"""Error bands of `orrery run`: residuals of measured GPUs, and the spread over assumed constants."""

import json
import math
import os
import shutil
import subprocess
from pathlib import Path

import pytest

PROGRAM = os.environ.get("ORRERY_PROGRAM", "build/release/orrery")
SOURCE = Path(os.environ.get("ORRERY_SOURCE_DIR", "."))
ASSUMED = """assumed:
  - {constant: dispatch.kernel_launch, range: [100 ns, 2200 ns]}
  - {constant: core.vector.startup, range: [0 clk, 8 clk]}
"""


@pytest.fixture
def configs(tmp_path):
    """The chip tiny with assumed constants as `guess`, and residuals of GEMM and decode."""
    folder = tmp_path / "configs"
    for name in ("chips", "memories"):
        shutil.copytree(SOURCE / "configs" / name, folder / name)
    tiny = (folder / "chips/tiny.yaml").read_text()
    (folder / "chips/guess.yaml").write_text(tiny.replace("name: tiny", "name: guess") + ASSUMED)
    (folder / "accuracy").mkdir()
    (folder / "accuracy/residuals.yaml").write_text(
        "gemm: {rows: 9, half: 0.05, nine_in_ten: 0.12}\ndecode: {rows: 9, half: 0.1, nine_in_ten: 0.2}\n")
    (tmp_path / "trace.csv").write_text(
        "name,kind,m,n,k,heads,seq_q,seq_kv,head_dim,rows,columns\n"
        "a,gemm,64,64,64,,,,,,\nb,attention,,,,2,1,256,64,,\nc,rms_norm,,,,,,,,64,64\n")
    return folder


def run(configs, *arguments, chip="guess"):
    return subprocess.run([PROGRAM, "run", "-c", chip, "-w", configs.parent / "trace.csv", *map(str, arguments)],
                          capture_output=True, text=True, check=False, env={**os.environ, "ORRERY_CONFIGS": str(configs)})


def summary(configs, *arguments, chip="guess"):
    done = run(configs, "--json", *arguments, chip=chip)
    assert done.returncode == 0, done.stderr
    result = json.loads(done.stdout)
    return {name: value["value"] for name, value in result["summary"].items() if name.startswith("error_")}, result


def test_residuals_go_by_the_class_of_the_operator(configs):
    bands, _ = summary(configs)
    assert bands == {"error_residual_gemm": 0.12, "error_band_gemm": 0.12, "error_residual_decode": 0.2,
                     "error_band_decode": 0.2}  # the norm is more than a tenth of the run: no band of all


def test_a_made_up_chip_has_no_band(configs):
    assert summary(configs, chip="tiny")[0] == {}


def test_the_spread_is_that_of_the_ends(configs):
    bands, nominal = summary(configs, "--error-band", "--jobs", 2)

    def times(setting):
        ops = summary(configs, "--set", setting)[1]["ops"]
        return ops[0]["time_us"]

    spans = [times("dispatch.kernel_launch=2200 ns") - times("dispatch.kernel_launch=100 ns"),
             abs(times("core.vector.startup=8 clk") - times("core.vector.startup=0 clk"))]
    expected = math.hypot(*spans) / 2 / nominal["ops"][0]["time_us"]
    assert expected > 0.1
    assert bands["error_spread_gemm"] == pytest.approx(expected, rel=1e-6)
    assert bands["error_band_gemm"] == pytest.approx(math.hypot(0.12, expected), rel=1e-6)
    assert bands["error_spread_all"] == bands["error_band_all"] > 0
    assert "error_residual_all" not in bands
    assert bands["error_spread_other"] > 0


def test_what_the_user_sets_is_not_varied(configs):
    bands, _ = summary(configs, "--error-band", "--set", "dispatch.kernel_launch=200 ns")
    everything, _ = summary(configs, "--error-band")
    assert bands["error_spread_gemm"] < everything["error_spread_gemm"] / 10


def test_tables_and_results_show_it(configs, tmp_path):
    file = tmp_path / "a.h5"
    text = run(configs, "--error-band", "-o", file).stdout
    assert "error of time, ± %  as measured GPUs  assumed constants  together" in text
    shown = subprocess.run([PROGRAM, "show", "result", file], capture_output=True, text=True, check=True).stdout
    assert shown == text
    other = tmp_path / "b.h5"
    run(configs, "-o", other, chip="tiny")
    both = subprocess.run([PROGRAM, "show", "result", file, other], capture_output=True, text=True, check=True).stdout
    assert "error of time, ± %" in both


@pytest.mark.parametrize("chip, residuals, message", [
    ("tiny", None, "orrery: run: --error-band: tiny lists no assumed constants\n"),
    ("guess", "gemm: {nine_in_ten: often}\n", "'gemm.nine_in_ten' is 'often', expected a number from 0 to 1000\n"),
    ("guess", "gem: {nine_in_ten: 0.1}\n", "residuals.yaml:1:1: unknown key 'gem', did you mean 'gemm'?\n"),
])
def test_bad_input_is_one_line_and_exit_2(configs, chip, residuals, message):
    if residuals:
        (configs / "accuracy/residuals.yaml").write_text(residuals)
    done = run(configs, "--error-band", chip=chip)
    assert done.returncode == 2
    assert done.stdout == ""
    assert done.stderr.endswith(message) and done.stderr.count("\n") == 1


def test_an_end_that_makes_no_chip_is_named(configs):
    path = configs / "chips/guess.yaml"
    path.write_text(path.read_text() + "  - {constant: dispatch.max_cluster, range: [1, 4]}\n")
    done = run(configs, "--error-band")
    assert done.returncode == 2
    assert "max_cluster 4 exceeds the 2 cores" in done.stderr


def test_without_residuals_only_the_spread_is_known(configs):
    (configs / "accuracy/residuals.yaml").unlink()
    assert summary(configs)[0] == {}
    bands, _ = summary(configs, "--error-band")
    assert bands["error_spread_gemm"] == bands["error_band_gemm"]
