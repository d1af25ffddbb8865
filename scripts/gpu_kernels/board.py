# SPDX-License-Identifier: Apache-2.0
"""What the board says of itself: clock, power, limits, through NVML (`pip install nvidia-ml-py`) or, without
it, through nvidia-smi. Needs no PyTorch."""

import subprocess
import threading
import time
from typing import NamedTuple, Optional

POWER_INSTANT = 186  # NVML_FI_DEV_POWER_INSTANT; the plain power query is a mean over one second on Hopper
DEVICES = (  # what a board's name holds, and how the reference data calls it
    ("A100-SXM4-80GB", "a100-sxm-80gb"),
    ("GB200", "gb200"),
    ("B200", "b200-sxm"),
    ("B300", "b300-sxm"),
    ("H200", "h200-sxm"),
    ("H100 80GB HBM3", "h100-sxm"),
)


class Sample(NamedTuple):
    time_s: float
    clock_mhz: float
    power_w: float
    energy_mj: Optional[int] = None
    reasons: Optional[int] = None


def device_name(board):
    for part, name in DEVICES:
        if part in board:
            return name
    return board.removeprefix("NVIDIA ").lower().replace(" ", "-")


class NvmlBoard:
    def __init__(self, index):
        import pynvml

        self.nvml = pynvml
        pynvml.nvmlInit()
        self.handle = pynvml.nvmlDeviceGetHandleByIndex(index)
        self.power_limit_w = pynvml.nvmlDeviceGetEnforcedPowerLimit(self.handle) / 1e3
        self.power_w()

    def power_w(self):
        try:
            value = self.nvml.nvmlDeviceGetFieldValues(self.handle, [POWER_INSTANT])[0]
            if value.nvmlReturn == 0 and value.value.uiVal:
                return value.value.uiVal / 1e3
        except Exception:  # an older driver
            pass
        return self.nvml.nvmlDeviceGetPowerUsage(self.handle) / 1e3

    def optional(self, *names):
        for name in names:
            try:
                return int(getattr(self.nvml, name)(self.handle))
            except Exception:
                continue
        return None

    def sample(self):
        return Sample(
            time.perf_counter(),
            float(self.nvml.nvmlDeviceGetClockInfo(self.handle, self.nvml.NVML_CLOCK_SM)),
            self.power_w(),
            self.optional("nvmlDeviceGetTotalEnergyConsumption"),
            self.optional(
                "nvmlDeviceGetCurrentClocksEventReasons", "nvmlDeviceGetCurrentClocksThrottleReasons"
            ),
        )


class SmiBoard:
    def __init__(self, index):
        self.index = index
        (self.power_limit_w,) = self.query("enforced.power.limit")

    def query(self, fields):
        out = subprocess.run(
            ["nvidia-smi", f"--id={self.index}", f"--query-gpu={fields}", "--format=csv,noheader,nounits"],
            capture_output=True, text=True, check=True,
        ).stdout  # fmt: skip
        return [float(value) for value in out.strip().split(",")]

    def sample(self):
        clock_mhz, power_w = self.query("clocks.sm,power.draw")
        return Sample(time.perf_counter(), clock_mhz, power_w)


class BlindBoard:
    """Neither NVML nor nvidia-smi answers: columns of clock and power stay empty."""

    power_limit_w = None

    def sample(self):
        return None


def open_board(index):
    for kind in (NvmlBoard, SmiBoard):
        try:
            return kind(index)
        except Exception:
            continue
    return BlindBoard()


class Sampler:
    """Asks the board again and again while the `with` block runs; NVML updates every few to 100 ms."""

    def __init__(self, board, interval_s=0.005):
        self.board = board
        self.interval_s = interval_s
        self.samples = []
        self.stop = threading.Event()
        self.thread = threading.Thread(target=self.work, daemon=True)

    def work(self):
        while not self.stop.is_set():
            try:
                sample = self.board.sample()
            except Exception:
                sample = None
            if sample is None:
                return
            self.samples.append(sample)
            self.stop.wait(self.interval_s)

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.stop.set()
        self.thread.join()

    def mean_since(self, time_s):
        """(clock, power) over the samples after a point in time. Power comes from the energy counter where
        there is one: it misses nothing between the samples. It moves in steps of up to 100 ms, so the
        span between its first and its last step is what counts."""
        kept = [sample for sample in self.samples if sample.time_s >= time_s]
        if not kept:
            return None, None
        clock_mhz = sum(sample.clock_mhz for sample in kept) / len(kept)
        steps = [
            after for before, after in zip(kept, kept[1:])
            if after.energy_mj is not None and after.energy_mj != before.energy_mj
        ]  # fmt: skip
        if len(steps) > 1 and steps[-1].time_s - steps[0].time_s > 0.2:
            energy_j = (steps[-1].energy_mj - steps[0].energy_mj) / 1e3
            return clock_mhz, energy_j / (steps[-1].time_s - steps[0].time_s)
        return clock_mhz, sum(sample.power_w for sample in kept) / len(kept)
