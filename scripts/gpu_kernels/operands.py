# SPDX-License-Identifier: Apache-2.0
"""Operands as views into one large pool, so that a shape costs neither an allocation nor a draw."""

WEIGHT_COPIES = 5  # as the reference data has it
ALIGNMENT = 1024


class Pool:
    """Normal numbers, or zeros. Weights are taken from its front, activations from its end."""

    def __init__(self, torch, kind, dtype, max_bytes=24 << 30):
        free, _ = torch.cuda.mem_get_info()
        width = torch.empty((), dtype=dtype).element_size()
        self.elements = int(min(max_bytes, free // 2)) // width
        self.data = torch.zeros(self.elements * width, dtype=torch.uint8, device="cuda").view(dtype)
        if kind == "random":
            part = 1 << 27
            for start in range(0, self.elements, part):
                piece = self.data[start : start + part]
                if width == 1:
                    piece.copy_(torch.randn(piece.numel(), dtype=torch.bfloat16, device="cuda").to(dtype))
                else:
                    piece.normal_()
        torch.cuda.synchronize()

    def copies(self, elements, wanted=WEIGHT_COPIES):
        """Up to so many disjoint stretches from the front."""
        pitch = -(-elements // ALIGNMENT) * ALIGNMENT
        count = max(1, min(wanted, self.elements // 2 // pitch))
        return [self.data[index * pitch : index * pitch + elements] for index in range(count)]

    def tail(self, elements):
        start = (self.elements - elements) // ALIGNMENT * ALIGNMENT
        return self.data[start : start + elements]


def gemm_calls(torch, pool, shape):
    """One call for each copy of the weights, all with the same activations and the same output."""
    x = pool.tail(shape.m * shape.k).view(shape.m, shape.k)
    weights = [w.view(shape.n, shape.k).t() for w in pool.copies(shape.n * shape.k)]
    if pool.data.dtype == torch.bfloat16:
        y = torch.empty((shape.m, shape.n), dtype=torch.bfloat16, device="cuda")
        return [lambda w=w: torch.mm(x, w, out=y) for w in weights]
    scale = torch.ones((), dtype=torch.float32, device="cuda")
    return [
        lambda w=w: torch._scaled_mm(
            x, w, scale_a=scale, scale_b=scale, out_dtype=torch.bfloat16, use_fast_accum=True
        )
        for w in weights
    ]


def attention_calls(torch, pool, shape, backend):
    from torch.nn.attention import SDPBackend, sdpa_kernel

    chosen = {"cudnn": SDPBackend.CUDNN_ATTENTION, "flash": SDPBackend.FLASH_ATTENTION}[backend]
    query_elements = shape.batch * shape.heads * shape.seq_q * shape.head_dim
    half = shape.kv_elements // 2
    query = pool.tail(query_elements)
    (stretch,) = pool.copies(shape.kv_elements, 1)

    def tensor(data, heads, length):
        # Prefill works on what a projection wrote, tokens outermost; a cache keeps each head together.
        if shape.phase == "prefill":
            return data.view(shape.batch, length, heads, shape.head_dim).transpose(1, 2)
        return data.view(shape.batch, heads, length, shape.head_dim)

    q = tensor(query, shape.heads, shape.seq_q)
    k = tensor(stretch[:half], shape.kv_heads, shape.seq_kv)
    v = tensor(stretch[half:], shape.kv_heads, shape.seq_kv)

    def call():
        with sdpa_kernel([chosen]):
            torch.nn.functional.scaled_dot_product_attention(
                q, k, v, is_causal=shape.phase == "prefill", enable_gqa=shape.heads != shape.kv_heads
            )

    return [call] * WEIGHT_COPIES
