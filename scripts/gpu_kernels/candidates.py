# SPDX-License-Identifier: Apache-2.0
"""The kernels that cuBLASLt's heuristic proposes for a bf16 GEMM, first to last: how long each takes, and what it is.

Prototypes and numbers are those of cuBLAS's documentation (cublasLt.h)."""

import ctypes
import json
import re
import tempfile
from pathlib import Path
from typing import NamedTuple

WORKSPACE_BYTES = 32 << 20  # as PyTorch gives on Hopper
BF16, FP32, COMPUTE_FP32 = 14, 0, 68  # cudaDataType, cublasComputeType_t
TRANSPOSE_A, TRANSPOSE_B, MAX_WORKSPACE, SPLIT_K = 3, 4, 1, 2  # attributes of a description, a preference, an algorithm
MARKER = "sin"  # of the kernel that stands before each call in the profile

# nvjet_sm90_tst_128x256_64x4_2x1_v_bz_coopA_TNN: n x m of a tile, k x stages, n x m of a cluster; the last letter
# tells whether the instruction's 64 rows lie along n (T) or m (N).
NAME = re.compile(r"nvjet_sm\d+_\w+?_(\d+)x(\d+)_(\d+)x(\d+)_(\d+)x(\d+)_[hv]_bz(?:_(coop[AB]))?(?:_splitK)?_TN([NT])")


class Algorithm(ctypes.Structure):
    _fields_ = [
        ("data", ctypes.c_uint64 * 8), ("workspace_bytes", ctypes.c_size_t), ("state", ctypes.c_int),
        ("waves", ctypes.c_float), ("reserved", ctypes.c_int * 4),
    ]  # fmt: skip


class Kernel(NamedTuple):
    """What a candidate launches; None where the name does not tell."""

    name: str
    grid: str
    counter: bool  # a counter of tiles is set to zero before it
    tile_m: int = None
    tile_n: int = None
    tile_k: int = None
    stages: int = None
    cluster_m: int = None
    cluster_n: int = None
    rows_along_n: bool = None


def kernel_of(events):
    """From the profiled events of one call."""
    event = next((e for e in events if "nvjet" in e["name"]), events[0])
    grid = "x".join(str(size) for size in event.get("args", {}).get("grid", []))
    counter = any("emset" in e["name"] for e in events)
    match = NAME.match(event["name"])
    if not match:
        return Kernel(event["name"], grid, counter)
    tile_n, tile_m, tile_k, stages, cluster_n, cluster_m = (int(text) for text in match.groups()[:6])
    return Kernel(event["name"], grid, counter, tile_m, tile_n, tile_k, stages, cluster_m, cluster_n,
                  match.group(8) == "T")  # fmt: skip


class Library:
    """cuBLASLt as PyTorch has loaded it."""

    def __init__(self, torch):
        self.torch = torch
        self.library = ctypes.CDLL(f"libcublasLt.so.{torch.version.cuda.split('.')[0]}")
        self.handle = self.made("cublasLtCreate")
        self.workspace = torch.empty(WORKSPACE_BYTES, dtype=torch.uint8, device="cuda")
        self.preference = self.made("cublasLtMatmulPreferenceCreate")
        self.set("cublasLtMatmulPreferenceSetAttribute", self.preference, MAX_WORKSPACE, ctypes.c_uint64(WORKSPACE_BYTES))
        self.one, self.zero = ctypes.c_float(1), ctypes.c_float(0)

    def call(self, name, *arguments):
        status = getattr(self.library, name)(*arguments)
        if status:
            raise RuntimeError(f"{name}: status {status}")

    def made(self, name, *arguments):
        thing = ctypes.c_void_p()
        self.call(name, ctypes.byref(thing), *arguments)
        return thing

    def set(self, name, thing, attribute, value):
        self.call(name, thing, ctypes.c_int(attribute), ctypes.byref(value), ctypes.c_size_t(ctypes.sizeof(value)))

    def layout(self, rows, columns):
        size = ctypes.c_uint64
        return self.made("cublasLtMatrixLayoutCreate", ctypes.c_int(BF16), size(rows), size(columns), ctypes.c_int64(rows))

    def description(self, shape):
        """cuBLAS counts by columns: y^T[n,m] = (W^T)^T[n,k] . x^T[k,m]."""
        matmul = self.made("cublasLtMatmulDescCreate", ctypes.c_int(COMPUTE_FP32), ctypes.c_int(FP32))
        self.set("cublasLtMatmulDescSetAttribute", matmul, TRANSPOSE_A, ctypes.c_int32(1))
        self.set("cublasLtMatmulDescSetAttribute", matmul, TRANSPOSE_B, ctypes.c_int32(0))
        return matmul, self.layout(shape.k, shape.n), self.layout(shape.k, shape.m), self.layout(shape.n, shape.m)

    def candidates(self, description, most):
        matmul, w, x, y = description
        found, count = (Algorithm * most)(), ctypes.c_int()
        self.call("cublasLtMatmulAlgoGetHeuristic", self.handle, matmul, w, x, y, y, self.preference, ctypes.c_int(most),
                  found, ctypes.byref(count))  # fmt: skip
        return [algorithm for algorithm in found[: count.value] if algorithm.state == 0]

    def split_of(self, algorithm):
        value, written = ctypes.c_uint32(1), ctypes.c_size_t()
        self.call("cublasLtMatmulAlgoConfigGetAttribute", algorithm.data, ctypes.c_int(SPLIT_K), ctypes.byref(value),
                  ctypes.c_size_t(4), ctypes.byref(written))  # fmt: skip
        return value.value

    def caller(self, description, algorithm, x, w, y):
        matmul, w_layout, x_layout, y_layout = description
        pointer = ctypes.c_void_p

        def call():
            self.call(
                "cublasLtMatmul", self.handle, matmul, ctypes.byref(self.one), pointer(w.data_ptr()), w_layout,
                pointer(x.data_ptr()), x_layout, ctypes.byref(self.zero), pointer(y.data_ptr()), y_layout,
                pointer(y.data_ptr()), y_layout, algorithm.data, pointer(self.workspace.data_ptr()),
                ctypes.c_size_t(WORKSPACE_BYTES), pointer(self.torch.cuda.current_stream().cuda_stream),
            )  # fmt: skip

        return call


def profiled(torch, calls):
    """What each call launches."""
    marker = torch.zeros(1, device="cuda")
    with torch.profiler.profile(activities=[torch.profiler.ProfilerActivity.CUDA]) as profile:
        for call in calls:
            marker.sin_()
            call()
        torch.cuda.synchronize()
    with tempfile.TemporaryDirectory() as folder:
        trace = Path(folder) / "trace.json"
        profile.export_chrome_trace(str(trace))
        events = json.loads(trace.read_text(encoding="utf-8"))["traceEvents"]
    events = [event for event in events if event.get("cat") in ("kernel", "gpu_memset")]
    groups = []
    for event in sorted(events, key=lambda event: event["ts"]):
        if "elementwise" in event["name"] and MARKER in event["name"]:
            groups.append([])
        elif groups:
            groups[-1].append(event)
    return [kernel_of(group) for group in groups]


def timed(torch, gpu, shape, pool, library, most):
    """(rank, Timing, split, a call) of each candidate."""
    description = library.description(shape)
    x = pool.tail(shape.m * shape.k)
    y = torch.empty(shape.m * shape.n, dtype=torch.bfloat16, device="cuda")
    weights = pool.copies(shape.n * shape.k)
    for rank, algorithm in enumerate(library.candidates(description, most)):
        calls = [library.caller(description, algorithm, x, w, y) for w in weights]
        yield rank, gpu.burst(calls, max_repetitions=3), library.split_of(algorithm), calls[0]
