# SPDX-License-Identifier: Apache-2.0
"""A result read with h5py, pandas and xarray, as its users do."""
import os
import subprocess
import time

import h5py
import numpy
import pytest
import xarray


def write_sample(path, *arguments):
    subprocess.run([os.environ["RESULT_SAMPLE"], str(path), *arguments], check=True)
    return path


@pytest.fixture
def sample(tmp_path):
    return write_sample(tmp_path / "sample.h5")


def meanings(column):
    return column.attrs["flag_meanings"].split()


def test_operators_become_a_data_frame_in_two_lines(sample):
    ops = xarray.open_dataset(sample, group="ops", engine="h5netcdf")
    frame = ops.to_dataframe()
    assert frame.index.name == "op"
    assert list(frame.name) == ["layer0.qkv", "layer0.norm", "layer1.qkv"]
    assert list((frame.end - frame.start) // 10**9) == [600, 100, 300]
    assert frame.flop.dtype == numpy.uint64
    assert ops.start.attrs["units"] == "fs"
    assert ops.hbm_read_bytes.attrs["units"] == "byte"


def test_words_are_flags_as_in_cf(sample):
    ops = xarray.open_dataset(sample, group="ops", engine="h5netcdf")
    assert [meanings(ops.kind)[code] for code in ops.kind.values] == ["gemm", "rms_norm", "gemm"]
    assert [meanings(ops.bound)[code] for code in ops.bound.values] == ["tensor", "hbm", "hbm"]
    assert [meanings(ops.reused)[code] for code in ops.reused.values][2] == "reused"
    assert list(ops.bound.attrs["flag_values"]) == list(range(len(meanings(ops.bound))))


def test_stalls_and_timeline_have_named_dimensions(sample):
    stalls = xarray.open_dataset(sample, group="stalls", engine="h5netcdf")
    assert stalls.core_time.dims == ("op", "category")
    assert int(stalls.core_time.sel(category="tensor").sum()) == 10**12
    timeline = xarray.open_dataset(sample, group="timeline", engine="h5netcdf")
    assert timeline.bytes.dims == ("component", "time")
    assert list(timeline.bytes.sel(component="hbm").values) == [10, 20, 30, 40]
    assert timeline.bytes.attrs["units"] == "byte"
    assert timeline.time.attrs["bin_width"] == 10**9


@pytest.mark.parametrize(
    "group", [None, "summary", "counters", "events", "histograms/transfer_latency", "provenance"]
)
def test_every_group_opens_in_xarray(sample, group):
    xarray.open_dataset(sample, group=group, engine="h5netcdf").load()


def test_says_what_it_is(sample):
    with h5py.File(sample) as file:
        assert file.attrs["format"] == "orrery"
        assert file.attrs["status"] == "complete"
        assert file.attrs["schema_version"] == 3
        assert file.attrs["content_hash"].startswith("xxh3-128:")
        assert file["summary/total_time"][()] == 1e12
        assert file["summary/total_time"].attrs["units"] == "fs"
        assert file["provenance"].attrs["command_line"] == "orrery run --chip h100-sxm"
        assert file["provenance/config_resolved"][()] == b"name: h100-sxm\n"


def test_columns_are_compressed(sample):
    with h5py.File(sample) as file:
        column = file["ops/flop"]
        assert (column.compression, column.compression_opts, column.shuffle) == ("gzip", 1, True)


def everything_outside_provenance(path):
    """Every attribute and value, by path."""
    content = {}
    with h5py.File(path) as file:

        def collect(name, item):
            if name.split("/")[0] == "provenance":
                return
            for key, value in item.attrs.items():
                if key not in ("DIMENSION_LIST", "REFERENCE_LIST"):  # places in the file
                    content[name + "@" + key] = numpy.asarray(value).tolist()
            if isinstance(item, h5py.Dataset):
                content[name] = (str(item.dtype), item.shape, item[()].tolist())

        collect("", file)
        file.visititems(collect)
    return content


def test_equal_runs_are_equal_outside_provenance(sample, tmp_path):
    other = write_sample(tmp_path / "other.h5", "a host with a much longer name than the first")
    assert sample.read_bytes() != other.read_bytes()
    first = everything_outside_provenance(sample)
    assert first == everything_outside_provenance(other)
    assert "ops/name" in first and "@content_hash" in first


def test_equal_runs_a_second_apart_are_equal_bytes(sample, tmp_path):
    time.sleep(1.1)  # HDF5 counts object times, which must be off, in seconds
    assert write_sample(tmp_path / "again.h5").read_bytes() == sample.read_bytes()
