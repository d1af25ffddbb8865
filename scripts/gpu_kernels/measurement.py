# SPDX-License-Identifier: Apache-2.0
"""Measures shapes one after another and writes a row for each."""

import sys
import time

from . import candidates, probes, step
from .board import device_name
from .operands import Pool, attention_calls, gemm_calls

CANDIDATE_BATCH = 50  # shapes
BUSY_US = 2000.0  # a shape that kept the GPU busy for longer is followed by a rest

# What the trace of the clock holds: side of the GEMM, operands, calls, calls in a group, pause after a group in us.
TRACES = (
    (8192, "random", 250, 1, 0),
    (8192, "zeros", 280, 1, 0),
    (4096, "random", 1900, 1, 0),
    (4096, "zeros", 1900, 1, 0),
    (8192, "random", 280, 7, 10_000),
    (8192, "random", 280, 70, 100_000),
)


class Measurement:
    def __init__(self, torch, gpu, device=None, rest_s=0.1):
        self.torch = torch
        self.gpu = gpu
        self.rest_s = rest_s
        self.device = device or device_name(gpu.properties.name)
        self.source = f"measure_gpu:torch-{torch.__version__}"
        self.pools = {}
        self.library = None

    def pool(self, kind, dtype):
        """One at a time: a pool takes a good part of the memory."""
        if (kind, dtype) not in self.pools:
            self.pools.clear()
            self.torch.cuda.empty_cache()
            self.pools[kind, dtype] = Pool(self.torch, kind, dtype)
        return self.pools[kind, dtype]

    def state(self, timing, options):
        return dict(
            latency_us=timing.latency_us, operands=options.operands, l2=options.l2, mode=options.mode,
            clock_mhz=round(timing.clock_mhz) if timing.clock_mhz else None, power_w=timing.power_w,
            power_limit_w=self.gpu.board.power_limit_w, spread_pct=timing.spread_pct,
        )  # fmt: skip

    def gemm(self, rows, shape, options):
        dtype = self.torch.bfloat16 if options.dtype == "bf16" else self.torch.float8_e4m3fn
        calls = gemm_calls(self.torch, self.pool(options.operands, dtype), shape)
        timing = self.gpu.measure(calls, options.mode, options.l2)
        rows.write(
            device=self.device, dtype=options.dtype, **shape._asdict(),
            source=self.source + (":gemm-only" if options.dtype == "fp8" else ""), **self.state(timing, options),
        )  # fmt: skip

    def candidates(self, rows, batch, options):
        """What cuBLAS would choose from for these bf16 GEMMs, and how long each takes. Starting the profiler takes
        as long as many shapes."""
        if self.library is None:
            self.library = candidates.Library(self.torch)
        pool = self.pool(options.operands, self.torch.bfloat16)
        found, done = [], 0
        for shape in batch:
            timed = candidates.timed(self.torch, self.gpu, shape, pool, self.library, options.candidates)
            done += self.one(shape, lambda: found.extend((shape, *candidate) for candidate in timed))
        kernels = candidates.profiled(self.torch, [call for *_, call in found])
        for (shape, rank, timing, split, _), kernel in zip(found, kernels):
            about = {name: int(value) if isinstance(value, bool) else value for name, value in kernel._asdict().items()}
            rows.write(
                device=self.device, dtype="bf16", **shape._asdict(), source=self.source + ":cublasLt", rank=rank,
                split=split, kernel=about.pop("name"), **about, **self.state(timing, options),
            )  # fmt: skip
        return done

    def attention(self, rows, shape, options, backend):
        pool = self.pool(options.operands, self.torch.bfloat16)
        calls = attention_calls(self.torch, pool, shape, backend)
        timing = self.gpu.measure(calls, options.mode, options.l2)
        rows.write(
            device=self.device, dtype="bf16", kv_dtype="bf16", **shape._asdict(), causal=1,
            source=f"{self.source}:{backend}", **self.state(timing, options),
        )  # fmt: skip

    def shapes(self, rows, wanted, options, deadline_s):
        """Returns how many shapes were measured; one that fails costs a line on standard error."""
        done = 0
        if options.operator == "candidates":
            for first in range(0, len(wanted), CANDIDATE_BATCH):
                if time.monotonic() > deadline_s:
                    break
                done += self.candidates(rows, wanted[first : first + CANDIDATE_BATCH], options)
            return done
        for shape in wanted:
            if time.monotonic() > deadline_s:
                break
            if options.operator == "gemm":
                done += self.one(shape, lambda: self.gemm(rows, shape, options))
                continue
            backends = options.backend.split(",")
            done += any([
                self.one(shape, lambda: self.attention(rows, shape, options, backend)) for backend in backends
            ])  # fmt: skip
        return done

    def one(self, shape, measure_it):
        """A throttled clock would be carried over to the next shape, hence the rest."""
        try:
            measure_it()
            if self.gpu.busy_us > BUSY_US:
                time.sleep(self.rest_s)
            return True
        except RuntimeError as error:
            reason = str(error).strip().splitlines() or [type(error).__name__]
            print(f"measure_gpu: {tuple(shape)}: {reason[0]}", file=sys.stderr)
            return False

    def clock(self, rows, deadline_s):
        done = 0
        for side, kind, count, group, pause_us in TRACES:
            if time.monotonic() > deadline_s:
                break
            call = step.square_gemm(self.torch, side, kind)
            calls, samples = step.trace(self.gpu, call, count, group=group, pause_us=pause_us)
            pause = f", {group} calls then {pause_us / 1e3:g} ms of rest" if pause_us else ""
            shape = dict(device=self.device, trace=f"{side} {kind}{pause}", m=side, n=side, k=side, operands=kind)
            for row in step.merge(calls, samples):
                rows.write(**shape, **row)
            done += 1
        return done

    def probe(self, rows, deadline_s):
        done = 0
        for row in probes.all_of(self.gpu):
            rows.write(device=self.device, **row)
            done += 1
            if time.monotonic() > deadline_s:
                break
        return done
