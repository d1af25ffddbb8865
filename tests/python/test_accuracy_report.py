# SPDX-License-Identifier: Apache-2.0
"""scripts/generate_accuracy_report, on results made up by hand."""

import json
import os
import subprocess
from pathlib import Path

import pytest

SOURCE = Path(os.environ.get("ORRERY_SOURCE_DIR", "."))
SCRIPT = SOURCE / "scripts/generate_accuracy_report"
BEGIN = "<!-- begin of what scripts/generate_accuracy_report writes -->"
END = "<!-- end of what scripts/generate_accuracy_report writes -->"

FIGURES = {"points": 20, "mape": 0.1, "median_ape": 0.08, "p90_ape": 0.2, "worst_ape": 0.31, "bias": -0.01}
GROUP = {"device": "made-up", "phase": "gemm", "dtype": "bf16", "kv_dtype": "", **FIGURES, "mape_over_10us": 0.09,
         "mape_over_100us": None, "tested": {**FIGURES, "points": 10, "mape": 0.123}, "over_10us": FIGURES,
         "over_100us": None}
WORST = {"group": "made-up gemm bf16", "line": 7, "shape": "1x2x3", "half": "fit", "measured_us": 2.0,
         "simulated_us": 2.62, "error": 0.31, "tile": "64x64x64", "waves": 1.5, "kernels": ["gemm"], "bound": "hbm",
         "shares": {"hbm": 0.6, "tensor": 0.4}}


@pytest.fixture
def folder(tmp_path):
    results = tmp_path / "results"
    (results / "ablation").mkdir(parents=True)
    constant = {"constant": "core.tensor.issue", "value": "1 clk", "least": "0 clk", "most": "9 clk", "on": "a bench"}
    (results / "made-up.gemm.json").write_text(json.dumps({
        "groups": [GROUP], "worst": [WORST], "cpu_seconds": 5.0, "cpu_seconds_row": {"median": 0.1, "p95": 0.9},
        "fitted": {"made-up": {"family": "mine", "constants": [constant]}}}))
    lines = ["line,device,phase,dtype,kv_dtype,shape,half,measured_us,simulated_us,error"]
    for i in range(20):  # in the tested half measured times are 1 to 10 % longer than simulated ones
        half = "test" if i < 10 else "fit"
        lines.append(f"{i},made-up,gemm,bf16,,1x2x3,{half},{100 + i + 1},{100 if i < 10 else 10},0")
    (results / "made-up.gemm.csv").write_text("\n".join(lines) + "\n")
    power = {**GROUP, "power": {"points": 20, "mape": 0.07, "median_ape": 0.06, "bias": -0.02}}
    (results / "made-up.gemm_power.json").write_text(json.dumps({"groups": [power]}))
    for name, mape in (("base", 0.1), ("launch", 0.2)):
        (results / f"ablation/made-up.gemm.{name}.json").write_text(json.dumps({"groups": [{**GROUP, "mape": mape}]}))
    (tmp_path / "doc.md").write_text(f"before\n{BEGIN}\nold\n{END}\nafter\n")
    return tmp_path


def generate(folder):
    return subprocess.run(["/usr/bin/python3", SCRIPT, "--input", folder / "results", "--document", folder / "doc.md",
                           "--images", folder / "images", "--residuals", folder / "accuracy/residuals.yaml"],
                          capture_output=True, text=True, check=False)


def test_it_writes_between_the_markers_and_again_the_same(folder):
    done = generate(folder)
    assert done.returncode == 0, done.stderr
    text = (folder / "doc.md").read_text()
    assert text.startswith("before\n" + BEGIN) and text.endswith(END + "\nafter\n") and "old" not in text
    assert "| made-up | GEMM bf16 | 20 | 10.0 | 8.0 | 20.0 | 31.0 | -1.0 | 9.0 | - | 10 | **12.3** |" in text
    assert "| made-up | the reference's sustained runs | GEMM bf16 | 20 | 10.0 | -1.0 | 7.0 | -2.0 |" in text
    assert "| nothing | 10.0 |" in text
    assert "kernels start and end in no time | 20.0 |" in text
    assert "| `core.tensor.issue` | 1 clk | 0 clk to 9 clk | a bench |" in text
    assert "| made-up gemm bf16 | 1x2x3 | 2.0 | 2.6 | +31.0 | 64x64x64 | 1.50 | hbm | hbm 60, tensor 40 |" in text
    assert (folder / "images/accuracy_made-up.png").stat().st_size > 1000
    assert generate(folder).returncode == 0
    assert (folder / "doc.md").read_text() == text


def test_residuals_are_of_the_tested_half(folder):
    generate(folder)
    text = (folder / "accuracy/residuals.yaml").read_text()
    assert "gemm: {rows: 10, half: 0.0500, nine_in_ten: 0.0900}" in text
    assert "decode" not in text


def test_a_document_without_markers_is_refused(folder):
    (folder / "doc.md").write_text("nothing\n")
    done = generate(folder)
    assert done.returncode == 1
    assert "expected the markers once each" in done.stderr
    assert (folder / "doc.md").read_text() == "nothing\n"


def test_no_results_are_refused(folder):
    (folder / "results/made-up.gemm.json").unlink()
    done = generate(folder)
    assert done.returncode == 1
    assert "run scripts/run_accuracy first" in done.stderr
