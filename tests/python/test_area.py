# SPDX-License-Identifier: Apache-2.0
"""Die area and cost as a user meets them: shown, kept in results, refused."""
import json
import os
import re
import subprocess
from pathlib import Path

import h5py
import pytest

PROGRAM = os.environ["ORRERY_PROGRAM"]
SOURCE = Path(os.environ["ORRERY_SOURCE_DIR"])
WITH_AREA = ("a100-sxm-80gb", "b200-sxm", "b300-sxm", "gb200", "h100-sxm", "h200-sxm", "maia100")
WITHOUT = ("npu4", "tiny")


def orrery(*arguments):
    return subprocess.run([PROGRAM, *map(str, arguments)], capture_output=True, text=True, check=False)


def shown(*arguments):
    done = orrery("show", "chip", *arguments, "--json")
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_every_chip_has_area_or_is_known_to_have_none():
    chips = {path.stem for path in (SOURCE / "configs/chips").glob("*.yaml")}
    assert chips == {*WITH_AREA, *WITHOUT}


@pytest.mark.parametrize("chip", WITH_AREA)
def test_parts_sum_to_the_area_and_costs_to_the_chips(chip):
    json_of = shown(chip)
    assert sum(json_of["area"]["parts_mm2"].values()) == pytest.approx(json_of["area_mm2"])
    assert json_of["area"]["die_mm2"] * json_of["area"]["dies"] == pytest.approx(json_of["area_mm2"])
    assert not json_of["area"]["exceeds_reticle"]
    cost = json_of["cost"]
    assert json_of["chip_cost_usd"] == pytest.approx(cost["dies_usd"] + cost["memory_usd"] + cost["package_usd"])
    assert cost["dies_usd"] == pytest.approx(json_of["area"]["dies"] * cost["die_usd"])
    assert 0.3 < cost["yield"] < 1
    text = orrery("show", "chip", chip).stdout
    assert f"{json_of['area_mm2']:.1f}" in text
    assert f"{json_of['chip_cost_usd']:.0f} USD" in text
    assert "warning" not in text


@pytest.mark.parametrize("chip", WITHOUT)
def test_a_chip_without_the_map_has_no_area(chip, tmp_path):
    assert "area_mm2" not in shown(chip)
    assert "die area" not in orrery("show", "chip", chip).stdout
    workload = tmp_path / "small.yaml"
    workload.write_text("operators:\n  - {name: gemm, kind: gemm, m: 64, n: 64, k: 64, dtype: bf16}\n")
    file = tmp_path / "run.h5"
    ran = orrery("run", "-c", chip, "-w", workload, "-o", file)
    assert ran.returncode == 0, ran.stderr
    assert "die area" not in ran.stdout
    with h5py.File(file) as result:
        assert "die_area" not in result["summary"]


def test_a_result_has_area_and_cost_and_shows_them(tmp_path):
    file = tmp_path / "run.h5"
    ran = orrery("run", "-c", "h100-sxm", "-w", "gemm-4096", "-o", file, "--json")
    assert ran.returncode == 0, ran.stderr
    expected = shown("h100-sxm")
    summary = json.loads(ran.stdout)["summary"]
    assert summary["die_area"] == {"value": pytest.approx(expected["area_mm2"]), "units": "mm2"}
    assert summary["chip_cost"] == {"value": pytest.approx(expected["chip_cost_usd"]), "units": "USD"}
    with h5py.File(file) as result:
        assert result["summary/die_area"][()] == summary["die_area"]["value"]
        assert result["summary/die_area"].attrs["units"] in ("mm2", b"mm2")
        assert result["summary/chip_cost"].attrs["units"] in ("USD", b"USD")
    text = orrery("show", "result", file).stdout
    assert re.search(rf"die area +{summary['die_area']['value']:.0f} mm²", text)
    assert re.search(rf"cost of the chip +{summary['chip_cost']['value']:.0f} USD", text)


def test_a_die_larger_than_a_reticle_is_said(tmp_path):
    overrides = ("--set", "core.count=264")
    json_of = shown("h100-sxm", *overrides)
    assert json_of["area"]["exceeds_reticle"]
    assert "exceeds a reticle's 858 mm2: it cannot be made" in json_of["area"]["warning"]
    assert "warning: a die of" in orrery("show", "chip", "h100-sxm", *overrides).stdout
    file = tmp_path / "run.h5"
    ran = orrery("run", "-c", "h100-sxm", "-w", "gemm-4096", "-o", file, *overrides)
    assert ran.returncode == 0, ran.stderr
    assert "exceeds a reticle's 858 mm2" in ran.stdout
    assert "exceeds a reticle's 858 mm2" in orrery("show", "result", file).stdout


def test_what_no_wafer_holds_has_an_area_and_no_cost():
    json_of = shown("maia100", "--set", "shared_memory.capacity=64 GiB")
    assert json_of["area_mm2"] > 10_000
    assert "chip_cost_usd" not in json_of and "cost" not in json_of
    assert "no wafer gives a good one" in json_of["area"]["warning"]


def test_a_table_of_ones_own(tmp_path):
    text = (SOURCE / "configs/area/components.yaml").read_text()
    assert text.count("overhead: 20.5 %") == 1
    table = tmp_path / "mine.yaml"
    table.write_text(text.replace("overhead: 20.5 %", "overhead: 0 %"))
    mine = shown("h100-sxm", "--set", f"area.table={table}")
    assert mine["area"]["parts_mm2"]["overhead"] == 0
    assert mine["area_mm2"] == pytest.approx(shown("h100-sxm")["area_mm2"] * (1 - 0.205))


@pytest.mark.parametrize("override, message", [
    ("area.node=n6", "'area.node' is 'n6', expected one of: n7, n5, n4, n3"),
    ("area.dies=2", "two dies expect network.topology partitioned_crossbar or dual_die"),
    ("area.table=nothing", "no area table 'nothing' in"),
    ("area.spare_core=3", "unknown key 'spare_core' in 'area', did you mean 'spare_cores'?"),
    ("memory.product=gddr7", "has no price for memory of product 'gddr7'; known: hbm2,"),
])
def test_what_makes_no_sense_is_one_line_and_exit_code_2(override, message):
    done = orrery("show", "chip", "maia100", "--set", override)
    assert done.returncode == 2
    assert done.stdout == ""
    assert message in done.stderr
    assert done.stderr.count("\n") == 1


def plot(*arguments):
    return subprocess.run([str(SOURCE / "scripts/plot_area"), *map(str, arguments)], capture_output=True, text=True,
                          check=False)


def test_dies_are_drawn(tmp_path):
    files = []
    for chip in ("h100-sxm", "b200-sxm"):
        files.append(tmp_path / f"{chip}.json")
        files[-1].write_text(orrery("show", "chip", chip, "--json").stdout)
    picture = tmp_path / "area.png"
    drawn = plot("--published", SOURCE / "tests/accuracy/arch/dies.csv", *files, picture)
    assert drawn.returncode == 0, drawn.stderr
    assert picture.read_bytes()[1:4] == b"PNG"


def test_what_cannot_be_drawn_is_said(tmp_path):
    tiny = tmp_path / "tiny.json"
    tiny.write_text(orrery("show", "chip", "tiny", "--json").stdout)
    picture = tmp_path / "area.png"
    for arguments, message in (
        ((tiny, picture), f"{tiny}: is not the output of `orrery show chip --json` of a chip with area"),
        ((tmp_path / "none.json", picture), "No such file or directory"),
        ((picture,), "needs a chip and the picture to write"),
        (("--published",), "--published needs a file"),
        (("--published", tmp_path / "none.csv", tiny, picture), "No such file or directory"),
        (("--published", tiny, tiny, picture), "expected columns chip and published_mm2"),
    ):
        drawn = plot(*arguments)
        assert drawn.returncode == 2
        assert message in drawn.stderr and drawn.stderr.count("\n") == 1
    assert not picture.exists()
