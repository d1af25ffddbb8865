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
