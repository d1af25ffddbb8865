# SPDX-License-Identifier: Apache-2.0
"""How the clock answers to load: single calls of a GEMM, one after another, starting from an idle GPU."""

import time

from .board import Sampler
from .timing import STAMPS


def trace(gpu, call, count, idle_s=0.5, group=1, pause_us=0.0):
    """Returns (calls, samples): of each call (start_us, duration_us, clock_mhz), of each sample of the board its
    time in us on the same axis. After every `group` calls the GPU waits `pause_us` in a kernel of one thread. A
    duration holds the gaps to the two stamps around the call, some 3 us."""
    torch = gpu.torch
    count = min(count, STAMPS // 2 - 1)
    call()
    torch.cuda.synchronize()
    gpu.stamps.zero_()
    gpu.stamp(STAMPS - 1)
    torch.cuda.synchronize()
    host_s = time.perf_counter()
    gpu_ns = int(gpu.stamps[STAMPS - 1, :, 0].max())
    with Sampler(gpu.board, interval_s=0.001) as sampler:
        time.sleep(idle_s)
        for index in range(count):
            if pause_us and index and index % group == 0:
                torch.cuda._sleep(int(pause_us * 1900))
            gpu.stamp(2 * index)
            call()
            gpu.stamp(2 * index + 1)
        torch.cuda.synchronize()
        time.sleep(0.1)
    pairs = gpu.stamps[: 2 * count].cpu().view(count, 2, -1, 2)
    calls, origin_ns = [], None
    for before, after in pairs:
        both = (before[:, 0] > 0) & (after[:, 0] > 0)
        if not both.any():
            continue
        start_ns, end_ns = int(before[both, 0].max()), int(after[both, 0].min())
        origin_ns = origin_ns or start_ns
        time_ns, cycles = (after - before)[both].double().unbind(1)
        clock_mhz = float((cycles / time_ns).median()) * 1e3
        calls.append(((start_ns - origin_ns) / 1e3, (end_ns - start_ns) / 1e3, clock_mhz))
    samples = [
        ((sample.time_s - host_s) * 1e6 - ((origin_ns or gpu_ns) - gpu_ns) / 1e3, sample)
        for sample in sampler.samples
    ]
    return calls, samples


def merge(calls, samples):
    """Rows of a trace: each call with the last sample of the board before its end."""
    rows, at = [], -1
    for index, (start_us, duration_us, clock_mhz) in enumerate(calls):
        while at + 1 < len(samples) and samples[at + 1][0] <= start_us + duration_us:
            at += 1
        sample = samples[at][1] if at >= 0 else None
        rows.append(dict(
            call=index, start_us=round(start_us, 1), duration_us=round(duration_us, 2),
            clock_mhz=round(clock_mhz, 1), requested_mhz=sample and sample.clock_mhz,
            power_w=sample and sample.power_w,
        ))  # fmt: skip
    return rows


def square_gemm(torch, side, kind):
    make = torch.randn if kind == "random" else torch.zeros
    x, w = (make((side, side), dtype=torch.bfloat16, device="cuda") for _ in range(2))
    y = torch.empty_like(x)
    return lambda: torch.mm(x, w.t(), out=y)
