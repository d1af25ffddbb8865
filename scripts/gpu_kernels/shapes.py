# SPDX-License-Identifier: Apache-2.0
"""Which shapes are measured: a built-in spread, or those of a CSV file. Needs no PyTorch."""

import csv
import math
import random
from typing import NamedTuple

GEMM_AXES = ("m", "n", "k")
ATTENTION_AXES = ("phase", "batch", "seq_q", "seq_kv", "heads", "kv_heads", "head_dim")


class BadShapes(Exception):
    """One line that says what is wrong with a file of shapes, and where."""


class Gemm(NamedTuple):
    """y[m,n] = x[m,k] . W[n,k]^T"""

    m: int
    n: int
    k: int

    @property
    def flop(self):
        return 2 * self.m * self.n * self.k

    @property
    def elements(self):
        return self.m * self.k + self.n * self.k + self.m * self.n


class Attention(NamedTuple):
    """Prefill is causal self attention; decode is one query a sequence against a cache of seq_kv tokens."""

    phase: str
    batch: int
    seq_q: int
    seq_kv: int
    heads: int
    kv_heads: int
    head_dim: int

    @property
    def flop(self):
        pairs = self.seq_q * self.seq_kv / (2 if self.phase == "prefill" else 1)
        return int(4 * self.batch * self.heads * self.head_dim * pairs)

    @property
    def kv_elements(self):
        return 2 * self.batch * self.kv_heads * self.seq_kv * self.head_dim


def log_uniform(draw, low, high):
    return math.exp(draw.uniform(math.log(low), math.log(high)))


def round_to(value, step):
    return max(step, round(value / step) * step)


def spread_of_gemms(count, seed=1, max_flop=2e13):
    """Log-spaced in m, n and k over the ranges of the reference data: m 1…32768, n and k 32…65536. One in
    three m is a power of two, one in three a power of two and one more, so that tile edges are met and
    missed; n and k are multiples of 32, above 2048 of 128."""
    draw = random.Random(seed)
    shapes = []
    while len(shapes) < count:
        kind = draw.randrange(3)
        m = log_uniform(draw, 1, 32768)
        m = round(m) if kind == 2 else 2 ** round(math.log2(m)) + kind
        n, k = (log_uniform(draw, 32, 65536) for _ in range(2))
        n, k = (round_to(side, 128 if side > 2048 else 32) for side in (n, k))
        shape = Gemm(m, n, k)
        if shape.flop <= max_flop and shape.elements <= 5e9 and shape not in shapes:
            shapes.append(shape)
    return shapes


def spread_of_attention(count, phase, seed=1, max_flop=8e12, max_kv_elements=2e9):
    """Log-spaced in sequence length and batch, over the head counts of current models."""
    draw = random.Random(seed)
    shapes = []
    while len(shapes) < count:
        kv_heads = draw.choice((1, 2, 4, 8, 8, 16, 32))
        heads = kv_heads * draw.choice((1, 2, 4, 8, 8, 16))
        head_dim = draw.choice((64, 128))
        batch = 2 ** draw.randrange(9)
        if phase == "prefill":
            seq_kv = round_to(log_uniform(draw, 64, 16384), 64)
            shape = Attention(phase, batch, seq_kv, seq_kv, heads, kv_heads, head_dim)
        else:
            seq_kv = round_to(log_uniform(draw, 64, 131072), 16)
            shape = Attention(phase, batch, 1, seq_kv, heads, kv_heads, head_dim)
        query_elements = shape.batch * shape.heads * shape.seq_q * shape.head_dim
        if (
            heads <= 64
            and shape.flop <= max_flop
            and max(shape.kv_elements, query_elements) <= max_kv_elements
            and shape not in shapes
        ):
            shapes.append(shape)
    return shapes


def read_shapes(path, axes, shape_type):
    """The shapes of a CSV file, each once, in the order of the file; columns it does not need are let be,
    so that the reference files themselves serve."""
    try:
        with open(path, newline="", encoding="utf-8") as file:
            rows = csv.DictReader(file)
            missing = [axis for axis in axes if axis not in (rows.fieldnames or [])]
            if missing:
                raise BadShapes(f"{path}:1: has no column {missing[0]}; needs {', '.join(axes)}")
            shapes = {}
            for row in rows:
                shapes[shape_type(*(value_of(path, rows.line_num, row, axis) for axis in axes))] = None
    except OSError as error:
        raise BadShapes(f"{path}: {error.strerror}") from error
    if not shapes:
        raise BadShapes(f"{path}: holds no shapes")
    return list(shapes)


def value_of(path, line, row, axis):
    text = (row[axis] or "").strip()
    if axis == "phase":
        if text not in ("prefill", "decode"):
            raise BadShapes(f"{path}:{line}: phase is '{text}'; expected prefill or decode")
        return text
    if not text.isdigit() or int(text) == 0:
        raise BadShapes(f"{path}:{line}: {axis} is '{text}'; expected a whole number above 0")
    return int(text)
