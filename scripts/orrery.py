# SPDX-License-Identifier: Apache-2.0
"""Results and sweeps of Orrery as xarray and pandas objects, with a few plots of them.

    import orrery                       # with scripts/ on PYTHONPATH
    run = orrery.load("run.h5")
    run.ops.groupby("kind").time_us.sum()
    orrery.plot_roofline(run).figure.savefig("roofline.png")
    frame = orrery.sweep_frame("sweep.h5")
    frame.loc[frame.total_time.idxmin()]

A thin layer: it reads what is in the file, turns codes into words and femtoseconds into microseconds,
and knows nothing of chips. Numbers of a column are in `frame.attrs["units"][column]`. results/README.md
lists what a file holds; everything in it can be read without this module, too.
"""

from __future__ import annotations

import dataclasses
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any, Union

import numpy
import pandas
import xarray

if TYPE_CHECKING:
    from matplotlib.axes import Axes

PathLike = Union[str, "os.PathLike[str]"]

FS_PER_US = 1e9
FS_PER_S = 1e15


class NotAResult(ValueError):
    """The file is no result, or no sweep, of Orrery."""


@dataclasses.dataclass(frozen=True)
class Run:
    """A run: what `orrery run -o` wrote.

    ops        a row an operator; words as text; `time_us` is end - start, the rest as in the file
    stalls     time of the cores in fs, over (op, category)
    energy     J over (op, part); None where power is not modelled
    timeline   a variable a counter over (component, time)
    links      a row a link of the network; empty for results older than schema 3
    counters   a row a counter, by path
    events     a row an event; words as text
    summary    name -> value, in the units of `summary_units`
    """

    path: Path
    chip: str
    workload: str
    phase: str
    notes: list[str]
    summary: dict[str, float]
    summary_units: dict[str, str]
    ops: pandas.DataFrame
    stalls: xarray.DataArray
    energy: xarray.DataArray | None
    timeline: xarray.Dataset
    links: pandas.DataFrame
    counters: pandas.DataFrame
    events: pandas.DataFrame
    provenance: dict[str, Any]

    @property
    def total_time_us(self) -> float:
        """From the start of the first operator to the end of the last."""
        return float(self.ops["end"].max()) / FS_PER_US if len(self.ops) else 0.0

    @property
    def cores(self) -> int:
        """Cores of the chip: the time of all of them is cores x duration."""
        duration = (self.ops["end"] - self.ops["start"]).astype(float).sum()
        return int(round(float(self.stalls.astype(float).sum()) / duration)) if duration > 0 else 0


# ---- reading -----------------------------------------------------------------------------------


def load(path: PathLike) -> Run:
    """Reads a result. Raises NotAResult for another file, OSError for none."""
    root = _root(path, "orrery")
    groups = _groups(path)
    ops = _frame(path, "ops")
    ops.insert(2, "time_us", (ops["end"] - ops["start"]) / FS_PER_US)
    ops.attrs["units"]["time_us"] = "µs"
    summary = _dataset(path, "summary")
    provenance = _dataset(path, "provenance")
    return Run(
        path=Path(path),
        chip=root["chip"],
        workload=root["workload"],
        phase=root["phase"],
        notes=[line for line in root["notes"].split("\n") if line],
        summary={str(name): float(value) for name, value in summary.data_vars.items()},
        summary_units={str(name): str(value.attrs["units"]) for name, value in summary.data_vars.items()},
        ops=ops,
        stalls=_dataset(path, "stalls")["core_time"],
        energy=_dataset(path, "energy")["energy"] if "energy" in groups else None,
        timeline=_dataset(path, "timeline"),
        links=_frame(path, "links") if "links" in groups else pandas.DataFrame(),
        counters=_frame(path, "counters"),
        events=_frame(path, "events"),
        provenance={**provenance.attrs, **{str(name): str(value.values) for name, value in provenance.data_vars.items()}},
    )


def sweep_frame(path: PathLike) -> pandas.DataFrame:
    """Reads a sweep: a row a point, its axes and metrics as columns, words as categories, `status` and
    `reason`. Metrics are NaN where a point is not complete. Raises NotAResult, OSError."""
    root = _root(path, "orrery-sweep")
    frame = _frame(path, "points", categories=True)
    frame.attrs["name"] = str(root.get("name", ""))
    return frame


def _root(path: PathLike, wanted: str) -> dict[str, Any]:
    if not Path(path).is_file():
        raise FileNotFoundError(f"{path}: no such file")
    try:
        with xarray.open_dataset(path, engine="h5netcdf") as dataset:
            attributes = dict(dataset.attrs)
    except (OSError, ValueError) as error:
        raise NotAResult(f"{path}: not an HDF5 file") from error
    found = attributes.get("format")
    if found != wanted:
        what = {"orrery": "the result of a run", "orrery-sweep": "a sweep"}
        raise NotAResult(f"{path}: is {what.get(str(found), 'nothing of Orrery')}, expected {what[wanted]}")
    return attributes


def _groups(path: PathLike) -> set[str]:
    import h5py

    with h5py.File(path) as file:
        return set(file)


def _dataset(path: PathLike, group: str) -> xarray.Dataset:
    with xarray.open_dataset(path, group=group, engine="h5netcdf", decode_cf=False) as dataset:
        return dataset.load()


def _words(column: xarray.DataArray) -> list[str]:
    """Codes of a column as words: `flag_meanings` of the CF conventions."""
    meanings = str(column.attrs["flag_meanings"]).split(" ")
    return [meanings[int(code)] for code in column.values]


def _frame(path: PathLike, group: str, categories: bool = False) -> pandas.DataFrame:
    dataset = _dataset(path, group)
    columns: dict[str, Any] = {}
    units: dict[str, str] = {}
    for name, column in dataset.variables.items():
        if column.ndim != 1 or str(name) in dataset.dims and column.dtype.kind in "iu":
            continue  # a row's number is the index
        if "flag_meanings" in column.attrs:
            words = _words(dataset[name])
            columns[str(name)] = pandas.Categorical(words) if categories else words
        else:
            columns[str(name)] = column.values
        units[str(name)] = str(column.attrs.get("units", ""))
    frame = pandas.DataFrame(columns)
    frame.index.name = next(iter(dataset.dims), None)
    frame.attrs["units"] = units
    return frame


# ---- plots -------------------------------------------------------------------------------------


def _axes(axes: Axes | None, width: float = 8.0, height: float = 4.5) -> Axes:
    if axes is not None:
        return axes
    from matplotlib.figure import Figure

    return Figure(figsize=(width, height), layout="constrained").subplots()


def plot_roofline(run: Run, axes: Axes | None = None) -> Axes:
    """Compute over arithmetic intensity, a point an operator, with the roof of the chip's peaks."""
    axes = _axes(axes)
    ops = run.ops
    hbm_bytes = (ops["hbm_read_bytes"] + ops["hbm_write_bytes"]).astype(float)
    shown = ops[(ops["flop"] > 0) & (hbm_bytes > 0) & (ops["time_us"] > 0)]
    intensity = shown["flop"] / hbm_bytes[shown.index]
    rate = shown["flop"] / (shown["time_us"] * 1e-6)
    for bound in sorted(set(shown["bound"])):
        of = shown["bound"] == bound
        area = 20 + 200 * shown["time_us"][of] / shown["time_us"].max()
        axes.scatter(intensity[of], rate[of] / 1e12, s=area, alpha=0.6, label=bound)
    flops, bandwidth = run.summary.get("peak_flop_per_s"), run.summary.get("peak_hbm_bytes_per_s")
    if flops and bandwidth and len(shown):
        ridge = flops / bandwidth
        x = numpy.array([min(intensity.min(), ridge) / 2, ridge, max(intensity.max(), ridge) * 2])
        axes.plot(x, numpy.minimum(flops, x * bandwidth) / 1e12, color="0.4", label="peak")
    axes.set(xscale="log", yscale="log", xlabel="FLOP per byte of HBM traffic", ylabel="TFLOP/s",
             title=f"{run.chip}, {run.workload}")
    axes.legend(title="bound by", fontsize="small")
    axes.grid(alpha=0.3)
    return axes


def plot_stalls(run: Run, axes: Axes | None = None) -> Axes:
    """What the cores were doing, by kind of operator, as shares of their time."""
    kinds = run.ops.groupby("kind")["time_us"].sum().sort_values().index
    axes = _axes(axes, height=1.6 + 0.4 * len(kinds))
    time = run.stalls.astype(float).to_pandas().groupby(run.ops["kind"].values).sum().loc[kinds]
    share = 100 * time.div(time.sum(axis=1), axis=0)
    left = numpy.zeros(len(kinds))
    for category in share.columns:
        axes.barh(list(kinds), share[category], left=left, label=str(category))
        left += share[category].to_numpy()
    axes.set(xlim=(0, 100), xlabel="share of the cores' time (%)", title=f"{run.chip}, {run.workload}")
    axes.legend(fontsize="small", ncol=5, loc="upper center", bbox_to_anchor=(0.5, -0.2))
    return axes


def plot_utilisation(run: Run, axes: Axes | None = None) -> Axes:
    """How busy HBM, tensor and vector units were over time, in % of their peaks."""
    axes = _axes(axes)
    timeline = run.timeline
    width_fs = float(timeline["time"].attrs["bin_width"])
    time_us = timeline["time"].values.astype(float) / FS_PER_US
    peak = run.summary.get("peak_hbm_bytes_per_s", 0.0)
    if "bytes" in timeline and peak > 0:
        moved = timeline["bytes"].sel(component="hbm").values.astype(float)
        axes.step(time_us, 100 * moved / (width_fs / FS_PER_S) / peak, where="post", label="HBM")
    for unit in ("tensor", "vector"):
        if "busy" in timeline and unit in timeline["component"].values and run.cores > 0:
            busy = timeline["busy"].sel(component=unit).values.astype(float)
            axes.step(time_us, 100 * busy / (width_fs * run.cores), where="post", label=f"{unit} units")
    axes.set(xlabel="time since the start of the run (µs)", ylabel="utilisation (%)", ylim=(0, 105),
             title=f"{run.chip}, {run.workload}")
    axes.legend(fontsize="small")
    axes.grid(alpha=0.3)
    return axes


def pareto_front(frame: pandas.DataFrame, x: str, y: str) -> pandas.DataFrame:
    """Points of a sweep that no other beats in both columns, less being better, by rising `x`."""
    points = frame.dropna(subset=[x, y]).sort_values([x, y], kind="stable")
    best = points[y].cummin()
    before = best.shift(fill_value=numpy.inf)
    return points[(points[y] < before) | points.duplicated([x, y], keep=False) & (points[y] == best)
                  & (points[x] == points[x].where(points[y] < before).ffill())]


def plot_pareto(frame: pandas.DataFrame, x: str, y: str, axes: Axes | None = None, colour: str | None = None) -> Axes:
    """Points of a sweep over two metrics of which less is better, with their Pareto front."""
    axes = _axes(axes)
    units = frame.attrs.get("units", {})
    points = frame.dropna(subset=[x, y])
    if colour is None:
        axes.scatter(points[x], points[y], s=12, alpha=0.4)
    else:
        for value, part in points.groupby(colour, observed=True):
            axes.scatter(part[x], part[y], s=12, alpha=0.6,
                         label=f"{value:g}" if isinstance(value, float) else str(value))
        axes.legend(title=colour, fontsize="small")
    front = pareto_front(frame, x, y)
    axes.plot(front[x], front[y], "k--o", markersize=5, markerfacecolor="none", linewidth=1)
    axes.set(xlabel=f"{x} ({units.get(x, '')})", ylabel=f"{y} ({units.get(y, '')})", title=frame.attrs.get("name", ""))
    axes.grid(alpha=0.3)
    return axes
