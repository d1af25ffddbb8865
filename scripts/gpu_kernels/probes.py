# SPDX-License-Identifier: Apache-2.0
"""Bandwidths, latencies and launch floors: what a chip description is filled from."""

import statistics

THREADS = 256
CHUNK_BYTES = THREADS * 8 * 16
MEBIBYTE = 1 << 20


def timed(gpu, launch, repetitions=5):
    """(us, MHz) of one launch, the median."""
    launch()
    gpu.torch.cuda.synchronize()
    durations, clocks = [], []
    for _ in range(repetitions):
        first, last = gpu.event(), gpu.event()
        gpu.torch.cuda._sleep(200_000)
        gpu.stamp(0)
        first.record()
        launch()
        last.record()
        gpu.stamp(1)
        gpu.torch.cuda.synchronize()
        durations.append(first.elapsed_time(last) * 1e3)
        clocks.append(gpu.clock_between(0, 1) or 0)
    return statistics.median(durations), statistics.median(clocks)


class Memory:
    """Reads, copies and writes over a buffer of up to `max_bytes`, random numbers in it."""

    def __init__(self, gpu, max_bytes=8 << 30):
        torch = gpu.torch
        self.gpu = gpu
        self.cores = gpu.properties.multi_processor_count
        self.data = torch.empty(max_bytes // 8, dtype=torch.int64, device="cuda").random_()
        self.to = torch.zeros_like(self.data)
        self.out = torch.zeros(64, dtype=torch.int64, device="cuda")

    def launcher(self, kind, size, passes, blocks_per_core):
        kernel = self.gpu.kernels[f"{kind}_chunks"]
        grid, chunks = self.cores * blocks_per_core, size // CHUNK_BYTES
        arguments = {
            "read": (self.data, chunks, passes, self.out),
            "copy": (self.data, self.to, chunks, passes),
            "write": (self.to, chunks, passes),
        }[kind]
        return lambda: kernel(grid, THREADS, *arguments)

    def bandwidth(self, kind, size, total=None, blocks_per_core=(2, 4, 8)):
        """(GB/s, MHz) of the best of several grids; a copy counts what it reads and what it writes."""
        passes = max(1, (total or size) // size)
        best = (0.0, 0.0)
        for blocks in blocks_per_core:
            duration_us, clock_mhz = timed(self.gpu, self.launcher(kind, size, passes, blocks), 3)
            moved = size // CHUNK_BYTES * CHUNK_BYTES * passes * (2 if kind == "copy" else 1)
            best = max(best, (moved / duration_us / 1e3, clock_mhz))
        return best

    def latency(self, size, steps=2048):
        """Cycles from one dependent load to the next, lines of 128 bytes in random order: (cold, in L2). Cold
        only where the table is several times the L2."""
        torch = self.gpu.torch
        lines = size // 128
        order = torch.randperm(lines, device="cuda", dtype=torch.int32)
        next_line = torch.empty(lines, dtype=torch.int32, device="cuda")
        next_line[order.long()] = order.roll(-1) * 32
        table = torch.zeros((lines, 32), dtype=torch.int32, device="cuda")
        table[:, 0] = next_line
        cycles = []
        for _ in range(2):
            self.gpu.kernels["chase"](1, 1, table, steps, self.out)
            cycles.append(int(self.out[0].item()) / steps)
        return cycles


def launch_floor(gpu, blocks, threads=128):
    """(us a kernel, us a graph): of a graph of empty kernels, each after the one before; from graphs of 20 and
    of 420 of them."""
    scratch = gpu.torch.zeros(4, dtype=gpu.torch.int64, device="cuda")

    def call():
        gpu.kernels["empty"](blocks, threads, scratch)

    durations = []
    for count in (20, 420):
        call()
        graph = gpu.capture([call] * count)
        durations.append(timed(gpu, graph.replay)[0])
        graph.reset()
    slope = (durations[1] - durations[0]) / 400
    return slope, durations[0] - 20 * slope


READ_SIZES_MIB = (2, 4, 8, 12, 16, 20, 24, 28, 32, 36, 40, 44, 48, 52, 56, 60, 64, 72, 80, 96, 128, 192, 256)
LATENCY_SIZES_MIB = (4, 16, 32, 64, 256, 1024)
GRIDS = (1, 132, 528, 2112, 8448)


def all_of(gpu):
    """Yields a row for each probe."""

    def row(probe, size, value, unit, clock_mhz=None, power_w=None):
        return dict(probe=probe, size=size, value=value, unit=unit, clock_mhz=clock_mhz, power_w=power_w)

    for blocks in GRIDS:
        kernel_us, graph_us = launch_floor(gpu, blocks)
        yield row("empty kernel in a graph", blocks, kernel_us, "us a kernel")
        yield row("graph beside its kernels", blocks, graph_us, "us a graph")
    memory = Memory(gpu, 4 << 30)
    for kind in ("read", "copy", "write"):
        yield row(f"hbm {kind}", 4 << 30, *in_order(memory.bandwidth(kind, 4 << 30)))
    for size in READ_SIZES_MIB:
        bandwidth = memory.bandwidth("read", size * MEBIBYTE, 4 << 30, (4, 8))
        yield row("read again and again", size * MEBIBYTE, *in_order(bandwidth))
    for size in LATENCY_SIZES_MIB:
        cold, warm = memory.latency(size * MEBIBYTE)
        yield row("load latency, first", size * MEBIBYTE, cold, "cycles")
        yield row("load latency, again", size * MEBIBYTE, warm, "cycles")
    for kind, size, passes in (("read", 4 << 30, 2), ("read", 16 * MEBIBYTE, 4096), ("copy", 2 << 30, 2)):
        timing = gpu.sustained([memory.launcher(kind, size, passes, 4)])
        moved = size * passes * (2 if kind == "copy" else 1)
        gb_s = moved / timing.latency_us / 1e3
        yield row(f"sustained {kind}", size, gb_s, "GB/s", timing.clock_mhz, timing.power_w)


def in_order(bandwidth):
    gb_s, clock_mhz = bandwidth
    return gb_s, "GB/s", clock_mhz
