# SPDX-License-Identifier: Apache-2.0
"""The columns of the CSV files, and a writer that loses nothing when it is stopped. Needs no PyTorch."""

import csv

# The columns of the reference files come first, in their order; what they do not hold follows.
STATE = ("operands", "l2", "mode", "clock_mhz", "power_w", "power_limit_w", "spread_pct")
GEMM = ("device", "dtype", "m", "n", "k", "latency_us", "source", *STATE)
ATTENTION = (
    "device", "phase", "dtype", "kv_dtype", "batch", "seq_q", "seq_kv", "heads", "kv_heads", "head_dim",
    "causal", "latency_us", "source", *STATE,
)  # fmt: skip
CLOCK = (
    "device", "trace", "m", "n", "k", "operands", "call", "start_us", "duration_us", "clock_mhz",
    "requested_mhz", "power_w",
)  # fmt: skip
PROBE = ("device", "probe", "size", "value", "unit", "clock_mhz", "power_w")
CANDIDATE = (
    *GEMM, "rank", "split", "tile_m", "tile_n", "tile_k", "stages", "cluster_m", "cluster_n", "rows_along_n", "counter",
    "grid", "kernel",
)  # fmt: skip
COLUMNS = {"candidates": CANDIDATE, "gemm": GEMM, "attention": ATTENTION, "clock": CLOCK, "probe": PROBE}


def as_text(value):
    if value is None:
        return ""
    return f"{value:.4f}".rstrip("0").rstrip(".") if isinstance(value, float) else value


class Table:
    """Rows reach the file as they come."""

    def __init__(self, file, columns):
        self.file = file
        self.rows = 0
        self.writer = csv.DictWriter(file, columns, restval="", lineterminator="\n")
        self.writer.writeheader()
        file.flush()

    def write(self, **row):
        self.writer.writerow({name: as_text(value) for name, value in row.items()})
        self.file.flush()
        self.rows += 1
