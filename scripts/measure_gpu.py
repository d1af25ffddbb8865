#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Measures GEMM and attention of PyTorch on the Nvidia GPU at hand, for `orrery validate --measured`.

Writes latency, clock and power of each shape as CSV, in the columns of the reference data and a few more
(`operands`, `l2`, `mode`, `clock_mhz`, `power_w`, `power_limit_w`, `spread_pct`).
"""

import argparse
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

from gpu_kernels import shapes, table  # noqa: E402

EPILOG = """\
examples:
  scripts/measure_gpu.py gemm --out gemm.csv                        500 shapes, some minutes
  scripts/measure_gpu.py gemm --shapes mine.csv --operands zeros    m,n,k from a file, to standard output
  scripts/measure_gpu.py gemm --mode sustained --count 20           a second each: power and throttled clock
  scripts/measure_gpu.py gemm --dtype fp8 --budget 60               what a minute allows
  scripts/measure_gpu.py attention --backend cudnn,flash            prefill and decode
  scripts/measure_gpu.py gemm --list --count 5                      only say which shapes; needs no GPU
  orrery validate --measured gemm.csv

how it measures:
  burst      a CUDA graph of five calls, each with its own copy of the weights (large ones fewer), so that small
             weights may stay in L2 and large ones do not, as in the reference data; three replays to warm
             up, then six timed by events; the median of up to five such repetitions
  sustained  a second without pause; the second half counts; power from NVML's energy counter
  flushed    single calls after a read of four times the L2; events stand around the call, which adds
             about 2 us to what a graph would give
  clock      from the cores' cycle counters where CuPy or PyTorch can compile a kernel, else from NVML
  fp8        rows are the GEMM alone (torch._scaled_mm, one scale a tensor): they hold NO quantisation of x, so
             do not compare them with reference rows, which do
  attention  scaled_dot_product_attention alone: no rotary embedding, no append to the cache, which the
             reference rows hold; inputs and cache may stay in L2
"""


def whole_number(text):
    value = int(text)
    if value < 1:
        raise ValueError
    return value


def parser_of_arguments():
    parser = argparse.ArgumentParser(
        prog="measure_gpu.py",
        description=__doc__,
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("operator", choices=("gemm", "attention"))
    parser.add_argument("--out", metavar="FILE.csv", help="where the rows go (standard output)")
    parser.add_argument("--shapes", metavar="FILE.csv", help="shapes to measure, by the reference's columns")
    parser.add_argument("--count", type=whole_number, help="size of the built-in spread (gemm 500, attention 120)")
    parser.add_argument("--seed", type=int, default=1, help="of the built-in spread (1)")
    parser.add_argument("--dtype", choices=("bf16", "fp8"), default="bf16", help="of a gemm (bf16)")
    parser.add_argument("--mode", choices=("burst", "sustained"), default="burst")
    parser.add_argument("--l2", choices=("warm", "flushed"), default="warm")
    parser.add_argument("--operands", choices=("random", "zeros"), default="random")
    parser.add_argument("--backend", default="cudnn", help="of attention: cudnn, flash or both by comma (cudnn)")
    parser.add_argument("--budget", type=float, metavar="SECONDS", help="stop then, with what there is")
    parser.add_argument("--gpu", type=int, default=0, help="index of the GPU (0)")
    parser.add_argument("--device", help="name for the column device (from the board's name)")
    parser.add_argument("--list", action="store_true", help="only write the shapes")
    return parser


class Failure(Exception):
    """One line for the user."""


def chosen_shapes(options):
    if options.operator == "gemm":
        if options.shapes:
            return shapes.read_shapes(options.shapes, shapes.GEMM_AXES, shapes.Gemm)
        return shapes.spread_of_gemms(options.count or 500, options.seed)
    if options.shapes:
        return shapes.read_shapes(options.shapes, shapes.ATTENTION_AXES, shapes.Attention)
    count = options.count or 120
    spreads = [
        shapes.spread_of_attention(part, phase, options.seed)
        for phase, part in (("prefill", (count + 1) // 2), ("decode", count // 2))
        if part
    ]
    return [shape for pair in zip(*spreads) for shape in pair] if len(spreads) > 1 else spreads[0]


def open_gpu(index):
    """(torch, Gpu); imports PyTorch only here, so that all else works without it."""
    try:
        import torch
    except ImportError as error:
        raise Failure(f"needs PyTorch with CUDA (pip install torch): {error}") from error
    if not torch.cuda.is_available():
        raise Failure("PyTorch finds no Nvidia GPU (see nvidia-smi and torch.version.cuda)")
    if index >= torch.cuda.device_count():
        raise Failure(f"there is no GPU {index}; PyTorch finds {torch.cuda.device_count()}")
    from gpu_kernels.timing import Gpu

    return torch, Gpu(torch, index)


class Measurement:
    """Measures shapes one after another and writes a row for each."""

    def __init__(self, torch, gpu, device=None):
        from gpu_kernels import board

        self.torch = torch
        self.gpu = gpu
        self.device = device or board.device_name(gpu.properties.name)
        self.source = f"measure_gpu:torch-{torch.__version__}"
        self.pools = {}

    def pool(self, kind, dtype):
        """One at a time: a pool takes a good part of the memory."""
        from gpu_kernels.operands import Pool

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

    def gemm(self, rows, shape, options, note=""):
        from gpu_kernels.operands import gemm_calls

        dtype = self.torch.bfloat16 if options.dtype == "bf16" else self.torch.float8_e4m3fn
        calls = gemm_calls(self.torch, self.pool(options.operands, dtype), shape)
        timing = self.gpu.measure(calls, options.mode, options.l2)
        note += ":gemm-only" if options.dtype == "fp8" else ""
        rows.write(
            device=self.device, dtype=options.dtype, **shape._asdict(), source=self.source + note,
            **self.state(timing, options),
        )  # fmt: skip

    def attention(self, rows, shape, options, note="", backend="cudnn"):
        from gpu_kernels.operands import attention_calls

        pool = self.pool(options.operands, self.torch.bfloat16)
        calls = attention_calls(self.torch, pool, shape, backend)
        timing = self.gpu.measure(calls, options.mode, options.l2)
        rows.write(
            device=self.device, dtype="bf16", kv_dtype="bf16", **shape._asdict(), causal=1,
            source=f"{self.source}:{backend}{note}", **self.state(timing, options),
        )  # fmt: skip

    def all(self, rows, wanted, options, deadline_s, note=""):
        """Returns how many shapes were measured; one that fails costs a line on standard error."""
        done = 0
        for shape in wanted:
            if time.monotonic() > deadline_s:
                break
            if options.operator == "gemm":
                done += self.one(shape, lambda: self.gemm(rows, shape, options, note))
                continue
            backends = options.backend.split(",")
            done += any([
                self.one(shape, lambda: self.attention(rows, shape, options, note, backend))
                for backend in backends
            ])  # fmt: skip
        return done

    @staticmethod
    def one(shape, measure_it):
        try:
            measure_it()
            return True
        except RuntimeError as error:
            reason = str(error).strip().splitlines() or [type(error).__name__]
            print(f"measure_gpu: {tuple(shape)}: {reason[0]}", file=sys.stderr)
            return False


def write_list(file, wanted):
    print(",".join(wanted[0]._fields), file=file)
    for shape in wanted:
        print(",".join(str(value) for value in shape), file=file)


def measure(options, file):
    if set(options.backend.split(",")) - {"cudnn", "flash"}:
        raise Failure(f"--backend is '{options.backend}'; expected cudnn, flash or cudnn,flash")
    if options.mode == "sustained" and options.l2 == "flushed":
        raise Failure("--l2 flushed goes with --mode burst only: a flush would be a pause")
    started_s = time.monotonic()
    wanted = chosen_shapes(options)
    if options.list:
        write_list(file, wanted)
        return
    torch, gpu = open_gpu(options.gpu)
    columns = table.GEMM if options.operator == "gemm" else table.ATTENTION
    rows = table.Table(file, columns)
    deadline_s = started_s + options.budget if options.budget else float("inf")
    done = Measurement(torch, gpu, options.device).all(rows, wanted, options, deadline_s)
    print(f"measure_gpu: measured {done} of {len(wanted)} shapes", file=sys.stderr)


def main(arguments):
    options = parser_of_arguments().parse_args(arguments)
    try:
        if not options.out:
            measure(options, sys.stdout)
            return 0
        # Opened late and by measure's own success: nothing is overwritten by a run that cannot start.
        with open(options.out, "a+", newline="", encoding="utf-8") as file:
            if file.tell():
                raise Failure(f"{options.out}: exists already")
            measure(options, file)
        return 0
    except (Failure, shapes.BadShapes) as error:
        print(f"measure_gpu: {error}", file=sys.stderr)
    except OSError as error:
        print(f"measure_gpu: {error.filename}: {error.strerror}", file=sys.stderr)
    return 2


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
