# SPDX-License-Identifier: Apache-2.0
"""How long a call takes on the GPU: bursts by graph replay, single calls after a flush, sustained runs."""

import statistics
import time
from typing import NamedTuple, Optional

from . import cuda_source
from .board import Sampler, open_board

REPLAYS = 6  # as the reference data has it
WARM_UP_REPLAYS = 3
STAMPS, MAX_CORES = 4096, 256


class Timing(NamedTuple):
    latency_us: float
    spread_pct: float  # (largest - smallest) / median of the repetitions
    clock_mhz: Optional[float] = None
    power_w: Optional[float] = None


class Gpu:
    """One GPU and a stream of its own, on which everything here runs."""

    def __init__(self, torch, index=0, queued=False):
        self.torch = torch
        torch.cuda.set_device(index)
        self.properties = torch.cuda.get_device_properties(index)
        self.board = open_board(index)
        self.stream = torch.cuda.Stream()
        torch.cuda.set_stream(self.stream)
        self.kernels = cuda_source.load(torch)
        self.stamps = torch.zeros((STAMPS, MAX_CORES, 2), dtype=torch.int64, device="cuda")
        self.queued = queued  # hide the host's launch time behind a spin; the reference does not
        self.busy_us = 0.0  # how long the last measurement kept the GPU busy, about
        self.flush_buffer = None

    def event(self):
        return self.torch.cuda.Event(enable_timing=True)

    def stamp(self, index):
        if self.kernels:
            self.kernels["stamp"](self.properties.multi_processor_count, 1, self.stamps[index])

    def clock_between(self, first, last):
        """Mean clock in MHz between two stamps, from the cores' own cycle counters."""
        if not self.kernels:
            return None
        before, after = self.stamps[first].cpu(), self.stamps[last].cpu()
        fresh_ns = 50_000  # an older time is of an earlier stamp in the same place
        fresh = (before[:, 0] > before[:, 0].max() - fresh_ns) & (after[:, 0] > after[:, 0].max() - fresh_ns)
        time_ns, cycles = (after - before)[fresh].double().unbind(1)
        if not len(time_ns) or time_ns.min() <= 0:
            return None
        return float((cycles / time_ns).median()) * 1e3

    def capture(self, calls):
        graph = self.torch.cuda.CUDAGraph()
        graph.capture_begin()
        try:
            for call in calls:
                call()
        finally:
            graph.capture_end()
        return graph

    def repetition(self, graph, replays):
        first, last = self.event(), self.event()
        if self.queued:
            self.torch.cuda._sleep(400_000)
        self.stamp(0)
        first.record()
        for _ in range(replays):
            graph.replay()
        last.record()
        self.stamp(1)
        last.synchronize()
        return first.elapsed_time(last) * 1e3

    def burst(self, calls, replays=REPLAYS, max_repetitions=5):
        """The reference's way: a graph of the calls, replayed a few times after a warm-up; the median of several
        repetitions of that, fewer where a call is long."""
        for call in calls[:2]:
            call()
        graph = self.capture(calls)
        for _ in range(WARM_UP_REPLAYS):
            graph.replay()
        self.torch.cuda.synchronize()
        durations, clocks = [], []
        while True:
            durations.append(self.repetition(graph, replays))
            self.torch.cuda.synchronize()
            clocks.append(self.clock_between(0, 1))
            if len(durations) == max_repetitions or sum(durations) > 3e4:
                break
        graph.reset()
        self.busy_us = sum(durations) * (1 + WARM_UP_REPLAYS / replays / len(durations))
        middle = statistics.median(durations)
        known = [clock for clock in clocks if clock]
        return Timing(
            middle / (replays * len(calls)),
            (max(durations) - min(durations)) / middle * 100,
            statistics.median(known) if known else None,
        )

    def flushed(self, calls, repetitions=20):
        """Single calls, a read of four times the L2 before each. Events stand around the call, so that it holds
        the gaps to them too: some 2 us more than in a graph."""
        torch = self.torch
        if self.flush_buffer is None:
            self.flush_buffer = torch.zeros(self.properties.L2_cache_size, dtype=torch.float32, device="cuda")
        for call in calls[:2]:
            call()
        pairs = []
        for index in range(repetitions):
            self.flush_buffer.sum()
            first, last = self.event(), self.event()
            first.record()
            calls[index % len(calls)]()
            last.record()
            pairs.append((first, last))
        torch.cuda.synchronize()
        durations = sorted(first.elapsed_time(last) * 1e3 for first, last in pairs[3:])
        self.busy_us = sum(durations)
        middle = statistics.median(durations)
        quarter = len(durations) // 4
        return Timing(middle, (durations[-1 - quarter] - durations[quarter]) / middle * 100)

    def sustained(self, calls, seconds=1.0):
        """Calls without pause; latency, clock and power over the second half."""
        for call in calls[:2]:
            call()
        graph = self.capture(calls)
        graph.replay()
        guess_us = self.repetition(graph, 1)
        repeats = max(1, min(round(2e4 / guess_us), 2000 // len(calls)))
        graph.reset()
        graph = self.capture(calls * repeats)
        half = max(1, round(seconds / 2 / (self.repetition(graph, 1) * 1e-6)))
        marks = [self.event() for _ in range(3)]
        self.torch.cuda.synchronize()
        with Sampler(self.board) as sampler:
            marks[0].record()
            for part in (1, 2):
                for _ in range(half):
                    graph.replay()
                if part == 2:
                    self.stamp(1)
                marks[part].record()
                if part == 1:
                    self.stamp(0)
            marks[1].synchronize()
            middle_s = time.perf_counter()
            marks[2].synchronize()
        self.torch.cuda.synchronize()
        clock_mhz, power_w = sampler.mean_since(middle_s)
        graph.reset()
        self.busy_us = seconds * 1e6
        halves = [marks[part].elapsed_time(marks[part + 1]) for part in (0, 1)]
        return Timing(
            halves[1] * 1e3 / (half * repeats * len(calls)),
            abs(halves[0] - halves[1]) / halves[1] * 100,
            self.clock_between(0, 1) or clock_mhz,
            power_w,
        )

    def measure(self, calls, mode, l2):
        if mode == "sustained":
            return self.sustained(calls)
        return self.flushed(calls) if l2 == "flushed" else self.burst(calls)
