#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Measures GEMM and attention of PyTorch on the Nvidia GPU at hand, for `orrery validate --measured`.

Writes latency, clock and power of each shape as CSV, in the columns of the reference data and a few more
(`operands`, `l2`, `mode`, `clock_mhz`, `power_w`, `power_limit_w`, `spread_pct`).
"""

import argparse
import sys
import time
import warnings
from contextlib import nullcontext
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
  scripts/measure_gpu.py candidates --shapes mine.csv --out kernels.csv   which kernels cuBLAS would choose from
  scripts/measure_gpu.py clock --out clock.csv                      how the clock falls under load, call by call
  scripts/measure_gpu.py probe --out probe.csv                      bandwidths, latencies, launch floors
  scripts/measure_gpu.py gemm --list --count 5                      only say which shapes; needs no GPU
  orrery validate --measured gemm.csv

how it measures:
  burst      a CUDA graph of five calls, each with its own copy of the weights (large ones fewer), so that small
             weights may stay in L2 and large ones do not, as in the reference data; three replays to warm
             up, then six timed by events; the median of up to five such repetitions
  sustained  a second without pause; the second half counts; power from NVML's energy counter
  flushed    single calls after a read of four times the L2; events stand around the call, which adds
             about 2 us to what a graph would give
  clock_mhz  from the cores' cycle counters where CuPy or PyTorch can compile a kernel. Else from NVML, which
             tells the clock asked for: a Hopper GPU under load runs up to a fifth slower without saying so
  candidates what cuBLASLt's heuristic proposes for bf16, first to last, timed as a burst, with tile, cluster,
             split and name of the kernel from PyTorch's profiler
  rest       after load the clock takes some 100 ms to recover; without a rest a short kernel that follows a
             long one was seen to take 17 % longer
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
    parser.add_argument("operator", choices=("gemm", "candidates", "attention", "clock", "probe"))
    parser.add_argument("--out", metavar="FILE.csv", help="where the rows go (standard output)")
    parser.add_argument("--shapes", metavar="FILE.csv", help="shapes to measure, by the reference's columns")
    parser.add_argument("--count", type=whole_number, help="size of the built-in spread (GEMMs 500, attention 120)")
    parser.add_argument("--seed", type=int, default=1, help="of the built-in spread (1)")
    parser.add_argument("--dtype", choices=("bf16", "fp8"), default="bf16", help="of a gemm (bf16)")
    parser.add_argument("--mode", choices=("burst", "sustained"), default="burst")
    parser.add_argument("--l2", choices=("warm", "flushed"), default="warm")
    parser.add_argument("--operands", choices=("random", "zeros"), default="random")
    parser.add_argument("--backend", default="cudnn", help="of attention: cudnn, flash or both by comma (cudnn)")
    parser.add_argument("--candidates", type=whole_number, default=8, help="of each shape, at most (8)")
    parser.add_argument("--budget", type=float, metavar="SECONDS", help="stop then, with what there is")
    parser.add_argument("--rest", type=float, metavar="SECONDS", default=0.1,
                        help="pause after a shape that kept the GPU busy for over 2 ms (0.1)")  # fmt: skip
    parser.add_argument("--queued", action="store_true",
                        help="hide the host's launch of the graphs, which the reference data holds")  # fmt: skip
    parser.add_argument("--gpu", type=int, default=0, help="index of the GPU (0)")
    parser.add_argument("--device", help="name for the column device (from the board's name)")
    parser.add_argument("--list", action="store_true", help="only write the shapes")
    return parser


class Failure(Exception):
    """One line for the user."""


def chosen_shapes(options):
    if options.operator in ("gemm", "candidates"):
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


def open_gpu(index, queued=False):
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

    warnings.filterwarnings("ignore", category=UserWarning)  # why a backend was not taken, in ten lines
    return torch, Gpu(torch, index, queued)


def write_list(file, wanted):
    print(",".join(wanted[0]._fields), file=file)
    for shape in wanted:
        print(",".join(str(value) for value in shape), file=file)


def check(options):
    if set(options.backend.split(",")) - {"cudnn", "flash"}:
        raise Failure(f"--backend is '{options.backend}'; expected cudnn, flash or cudnn,flash")
    if options.operator == "candidates" and (options.mode, options.l2, options.dtype) != ("burst", "warm", "bf16"):
        raise Failure("candidates are measured in bursts of bf16, L2 warm")
    if options.mode == "sustained" and options.l2 == "flushed":
        raise Failure("--l2 flushed goes with --mode burst only: a flush would be a pause")
    if options.list and options.operator in ("clock", "probe"):
        raise Failure(f"--list goes with gemm, candidates and attention only, not with {options.operator}")
    if options.out and Path(options.out).exists():
        raise Failure(f"{options.out}: exists already")


def measure(options, wanted, torch, gpu, deadline_s, file):
    from gpu_kernels.measurement import Measurement

    measurement = Measurement(torch, gpu, options.device, options.rest)
    rows = table.Table(file, table.COLUMNS[options.operator])
    if options.operator not in ("clock", "probe"):
        done = measurement.shapes(rows, wanted, options, deadline_s)
        print(f"measure_gpu: measured {done} of {len(wanted)} shapes", file=sys.stderr)
        return
    if not gpu.kernels:
        raise Failure(f"{options.operator} needs kernels of its own: install CuPy, or PyTorch 2.9 or newer")
    getattr(measurement, options.operator)(rows, deadline_s)


def run(options):
    started_s = time.monotonic()
    check(options)
    wanted = chosen_shapes(options) if options.operator not in ("clock", "probe") else []
    # Opened only once nothing but the measurement is left to fail.
    torch, gpu = (None, None) if options.list else open_gpu(options.gpu, options.queued)
    with open(options.out, "w", newline="", encoding="utf-8") if options.out else nullcontext(sys.stdout) as file:
        if options.list:
            write_list(file, wanted)
            return
        deadline_s = started_s + options.budget if options.budget else float("inf")
        measure(options, wanted, torch, gpu, deadline_s, file)


def main(arguments):
    try:
        run(parser_of_arguments().parse_args(arguments))
        return 0
    except (Failure, shapes.BadShapes) as error:
        print(f"measure_gpu: {error}", file=sys.stderr)
    except BrokenPipeError:
        sys.stderr.close()
    except OSError as error:
        print(f"measure_gpu: {error.filename}: {error.strerror}", file=sys.stderr)
    except KeyboardInterrupt:
        print("measure_gpu: stopped; the rows so far are written", file=sys.stderr)
    return 2


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
