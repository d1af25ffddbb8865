# SPDX-License-Identifier: Apache-2.0
"""scripts/orrery.py: results and sweeps as xarray and pandas objects, and plots of them."""
import inspect
import os
import pathlib
import subprocess
import sys
import typing

import numpy
import pandas
import pytest

sys.path.insert(0, str(pathlib.Path(os.environ["ORRERY_SOURCE_DIR"]) / "scripts"))
import orrery  # noqa: E402


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    folder = tmp_path_factory.mktemp("files")
    for kind in ("run", "sweep"):
        subprocess.run([os.environ["PAGE_SAMPLE"], kind, str(folder / f"{kind}.h5")], check=True)
    subprocess.run([os.environ["RESULT_SAMPLE"], str(folder / "old.h5")], check=True)
    return folder


@pytest.fixture(scope="module")
def run(files):
    return orrery.load(files / "run.h5")


def test_a_run_is_loaded_with_its_words(run):
    assert (run.chip, run.workload, run.phase) == ("h100-sxm", "llama-3.1-8b", "prefill")
    assert list(run.ops.kind) == ["gemm", "rms_norm", "gemm"]
    assert list(run.ops.bound) == ["power", "hbm", "hbm"]
    assert list(run.ops.time_us) == [600, 100, 300]
    assert run.total_time_us == 1000
    assert run.cores == 2
    assert run.summary["peak_flop_per_s"] == 1e15
    assert run.summary_units["total_time"] == "fs"
    assert run.notes[1] == "memory fast, network fast"
    assert run.ops.attrs["units"]["hbm_read_bytes"] == "byte"
    assert run.provenance["command_line"] == "orrery run --chip h100-sxm"
    assert run.provenance["config_resolved"] == "name: h100-sxm\n"


def test_tables_of_a_run_have_their_dimensions(run):
    assert run.stalls.dims == ("op", "category")
    assert run.energy.dims == ("op", "part")
    assert list(run.timeline.bytes.sel(component="hbm").values) == [10, 20, 30, 40]
    assert list(run.links["from"])[:2] == ["core 0", "router (0,0)"]
    assert run.counters.set_index("counter").value["hbm.read_bytes"] == 10**9
    assert set(run.events.kind) == {"kernel", "tile_task", "tensor"}


def test_a_run_without_power_and_links(files):
    old = orrery.load(files / "old.h5")
    assert old.energy is None
    assert len(old.links) == 0


def test_a_sweep_is_a_frame_of_its_points(files):
    frame = orrery.sweep_frame(files / "sweep.h5")
    assert len(frame) == 240
    assert frame.index.name == "point"
    assert list(frame.phase.cat.categories) == ["decode", "prefill"]
    assert set(frame.status) == {"complete", "infeasible"}
    incomplete = frame[frame.status != "complete"]
    assert incomplete.total_time.isna().all() and (incomplete.reason != "").all()
    assert frame[frame.status == "complete"].total_time.notna().all()
    assert frame.attrs["units"]["die_area"] == "mm2"
    assert frame.groupby("phase", observed=True).total_time.min()["prefill"] > 0


def test_the_pareto_front_is_what_no_point_beats():
    frame = pandas.DataFrame({"x": [1.0, 1, 2, 3, 3, numpy.nan, 4], "y": [5.0, 5, 4, 4, 1, 0, 2]})
    assert list(orrery.pareto_front(frame, "x", "y").index) == [0, 1, 2, 4]
    generator = numpy.random.default_rng(1)
    for _ in range(50):
        frame = pandas.DataFrame(generator.integers(0, 8, (30, 2)).astype(float), columns=["x", "y"])
        beaten = [((frame.x <= x) & (frame.y <= y) & ((frame.x < x) | (frame.y < y))).any()
                  for x, y in zip(frame.x, frame.y)]
        front = orrery.pareto_front(frame, "x", "y")
        assert set(front.index) == set(frame.index[~numpy.array(beaten)])


@pytest.mark.parametrize("plot", ["plot_roofline", "plot_stalls", "plot_utilisation"])
def test_runs_are_plotted_with_units(run, tmp_path, plot):
    axes = getattr(orrery, plot)(run)
    assert axes.get_xlabel() and axes.has_data()
    assert "h100-sxm" in axes.get_title()
    axes.figure.savefig(tmp_path / "plot.png")
    assert (tmp_path / "plot.png").stat().st_size > 5000


def test_the_roofline_has_every_operator_at_its_place(run):
    axes = orrery.plot_roofline(run)
    points = numpy.concatenate([numpy.asarray(one.get_offsets()) for one in axes.collections])
    assert len(points) == 3
    assert numpy.allclose(points[:, 1], 500)  # TFLOP/s
    assert numpy.allclose(points[:, 0], 5e8 / 1.2e6)


def test_sweeps_are_plotted(files, tmp_path):
    frame = orrery.sweep_frame(files / "sweep.h5")
    axes = orrery.plot_pareto(frame, "die_area", "total_time", colour="phase")
    assert axes.get_xlabel() == "die_area (mm2)"
    axes.figure.savefig(tmp_path / "pareto.png")


def test_other_files_are_refused(files, tmp_path):
    with pytest.raises(orrery.NotAResult, match="is a sweep, expected the result of a run"):
        orrery.load(files / "sweep.h5")
    with pytest.raises(orrery.NotAResult, match="is the result of a run, expected a sweep"):
        orrery.sweep_frame(files / "run.h5")
    text = tmp_path / "text.h5"
    text.write_text("hello")
    with pytest.raises(orrery.NotAResult, match="not an HDF5 file"):
        orrery.load(text)
    with pytest.raises(FileNotFoundError, match="no such file"):
        orrery.load(tmp_path / "none.h5")


def test_everything_public_is_typed():
    for name, function in inspect.getmembers(orrery, inspect.isfunction):
        if function.__module__ == "orrery":
            names = set(inspect.signature(function).parameters) | {"return"}
            assert names <= set(function.__annotations__), name
    assert typing.get_type_hints(orrery.sweep_frame)["return"] is pandas.DataFrame
