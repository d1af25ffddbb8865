# SPDX-License-Identifier: Apache-2.0
"""Small CUDA kernels: a time stamp that gives the true clock of the cores, and probes of the memory."""

import warnings

SOURCE = r"""
// Launched with a block for each core: where a block runs, it leaves the time in ns and the core's cycle
// counter. Two stamps give the mean clock in between. A core that got no block keeps what it had.
extern "C" __global__ void stamp(unsigned long long* out) {
  unsigned long long time_ns;
  unsigned int core;
  asm volatile("mov.u64 %0, %%globaltimer;" : "=l"(time_ns));
  asm volatile("mov.u32 %0, %%smid;" : "=r"(core));
  out[core * 2] = time_ns;
  out[core * 2 + 1] = (unsigned long long)clock64();
}

extern "C" __global__ void empty(unsigned long long* out) {}

// Chunks of 32 KiB: 256 threads, 8 vectors of 16 bytes each in flight. L1 is bypassed.
extern "C" __global__ void read_chunks(const uint4* data, int chunks, int passes, unsigned int* out) {
  unsigned int all = 0;
  for (int pass = 0; pass < passes; ++pass) {
    for (int chunk = blockIdx.x; chunk < chunks; chunk += gridDim.x) {
      const uint4* from = data + (size_t)chunk * 2048 + threadIdx.x;
      uint4 value[8];
#pragma unroll
      for (int i = 0; i < 8; ++i) value[i] = __ldcg(from + i * 256);
#pragma unroll
      for (int i = 0; i < 8; ++i) all += value[i].x ^ value[i].y ^ value[i].z ^ value[i].w;
    }
  }
  if (all == 0x9e3779b9u) out[0] = all;
}

extern "C" __global__ void copy_chunks(const uint4* data, uint4* to, int chunks, int passes) {
  for (int pass = 0; pass < passes; ++pass) {
    for (int chunk = blockIdx.x; chunk < chunks; chunk += gridDim.x) {
      size_t at = (size_t)chunk * 2048 + threadIdx.x;
      uint4 value[8];
#pragma unroll
      for (int i = 0; i < 8; ++i) value[i] = __ldcg(data + at + i * 256);
#pragma unroll
      for (int i = 0; i < 8; ++i) __stcg(to + at + i * 256, value[i]);
    }
  }
}

extern "C" __global__ void write_chunks(uint4* to, int chunks, int passes) {
  for (int pass = 0; pass < passes; ++pass) {
    for (int chunk = blockIdx.x; chunk < chunks; chunk += gridDim.x) {
      size_t at = (size_t)chunk * 2048 + threadIdx.x;
      unsigned int value = chunk * 2654435761u + pass;
#pragma unroll
      for (int i = 0; i < 8; ++i) __stcg(to + at + i * 256, make_uint4(value, value ^ 7, value, i));
    }
  }
}

// One thread follows a chain of addresses. Launched a second time, it finds its lines in L2.
extern "C" __global__ void chase(const unsigned int* next, int steps, unsigned long long* out) {
  unsigned int at = 0;
  long long from = clock64();
  for (int i = 0; i < steps; ++i) {
    asm volatile("ld.global.cg.u32 %0, [%1];" : "=r"(at) : "l"(next + at) : "memory");
  }
  out[1] = at;
  out[0] = (unsigned long long)(clock64() - from);
}
"""
NAMES = ("stamp", "empty", "read_chunks", "copy_chunks", "write_chunks", "chase")


def load(torch):
    """The kernels as `kernel(grid, block, *arguments)`, arguments being tensors and 32-bit integers, on the stream
    that is current now; None where nothing at hand can compile them."""
    for loader in (load_with_cupy, load_with_torch):
        try:
            kernels = loader(torch)
            kernels["empty"](1, 1, torch.zeros(4, dtype=torch.int64, device="cuda"))
            torch.cuda.synchronize()
            return kernels
        except Exception:
            continue
    return None


def load_with_cupy(torch):
    import cupy
    import numpy

    cupy.cuda.Device(torch.cuda.current_device()).use()
    module = cupy.RawModule(code=SOURCE)
    with warnings.catch_warnings():  # deprecated, but its successor is not in the versions before
        warnings.simplefilter("ignore", DeprecationWarning)
        stream = cupy.cuda.ExternalStream(torch.cuda.current_stream().cuda_stream)

    def wrap(function):
        def launch(grid, block, *arguments):
            with stream:
                function((grid,), (block,), tuple(
                    numpy.int32(value) if isinstance(value, int) else numpy.uint64(value.data_ptr())
                    for value in arguments
                ))  # fmt: skip

        return launch

    return {name: wrap(module.get_function(name)) for name in NAMES}


def load_with_torch(torch):
    def wrap(function):
        def launch(grid, block, *arguments):
            function(grid=(grid, 1, 1), block=(block, 1, 1), args=list(arguments))

        return launch

    return {name: wrap(torch.cuda._compile_kernel(SOURCE, name)) for name in NAMES}
