// SPDX-License-Identifier: Apache-2.0
// How fast Hopper's tensor memory accelerator moves tiles between L2 and shared memory: into a core (SM) alone and by
// multicast in clusters, of different data and of data that several read at about the same time, and back.
//   nvcc -O3 -gencode=arch=compute_90a,code=sm_90a bulk_copies.cu -o bulk_copies && ./bulk_copies > bulk_copies.csv
// A core has one warp that loads tiles of 128 B by `bytes / 128` rows into six stages and one that sets stages free. The
// matrix (16 MiB, rows of 8 KiB) stays in L2. Readers are dealt to `streams`: those of one read the same tiles in the
// same order, `lag` tiles apart; `dealt` says whether neighbours are of one stream or of different ones.
#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cuda.h>
#include <cudaTypedefs.h>
#include <cuda_runtime.h>
#include <vector>

namespace {

constexpr int kStages = 6, kLoads = 3000, kStores = 1000;
constexpr uint64_t kMatrixBytes = 16 << 20, kRowBytes = 8192, kTileRowBytes = 128;

void check(cudaError_t status, const char* what) {
  if (status != cudaSuccess) {
    std::fprintf(stderr, "bulk_copies: %s: %s\n", what, cudaGetErrorString(status));
    std::exit(2);
  }
}

__device__ uint32_t shared_address(const void* pointer) {
  return static_cast<uint32_t>(__cvta_generic_to_shared(pointer));
}

__device__ void wait(uint32_t barrier, uint32_t parity) {
  asm volatile(
      "{\n.reg .pred done;\nagain: mbarrier.try_wait.parity.shared::cta.b64 done, [%0], %1;\n@!done bra again;\n}"
      ::"r"(barrier), "r"(parity)
      : "memory");
}

struct Streams {
  int count, lag;
  bool blocked;  // neighbours are of one stream
};

template <int kCluster>
__global__ void load(const __grid_constant__ CUtensorMap map, int tiles, int bytes, Streams streams, long long* cycles) {
  extern __shared__ __align__(1024) char stages[];
  __shared__ __align__(8) uint64_t full[kStages], empty[kStages];
  uint32_t rank = 0;
  asm volatile("mov.u32 %0, %%cluster_ctarank;" : "=r"(rank));
  if (threadIdx.x == 0) {
    for (int i = 0; i < kStages; ++i) {
      asm volatile("mbarrier.init.shared::cta.b64 [%0], %1;" ::"r"(shared_address(&full[i])), "r"(1));
      asm volatile("mbarrier.init.shared::cta.b64 [%0], %1;" ::"r"(shared_address(&empty[i])), "r"(kCluster));
    }
    asm volatile("fence.mbarrier_init.release.cluster;");
  }
  asm volatile("barrier.cluster.arrive.aligned;\nbarrier.cluster.wait.aligned;" ::: "memory");
  if (threadIdx.x == 0) {
    const int cluster = blockIdx.x / kCluster, clusters = gridDim.x / kCluster;
    const int per_stream = (clusters + streams.count - 1) / streams.count;
    const int stream = streams.blocked ? cluster / per_stream : cluster % streams.count;
    const int member = streams.blocked ? cluster % per_stream : cluster / streams.count;
    const int part = bytes / kCluster, rows = bytes / kTileRowBytes;
    uint32_t tile = (stream * 37u + member * streams.lag) & (tiles - 1), phase = 1;
    const long long begin = clock64();
    for (int i = 0, stage = 0; i < kLoads; ++i) {
      wait(shared_address(&empty[stage]), phase);
      const uint32_t barrier = shared_address(&full[stage]);
      asm volatile("mbarrier.arrive.expect_tx.shared::cta.b64 _, [%0], %1;" ::"r"(barrier), "r"(bytes) : "memory");
      const int x = (tile & 63) * 64, y = (tile >> 6) * rows + rank * (rows / kCluster);
      const uint32_t to = shared_address(stages) + stage * bytes + rank * part;
      if (kCluster == 1) {
        asm volatile(
            "cp.async.bulk.tensor.2d.shared::cluster.global.tile.mbarrier::complete_tx::bytes [%0], [%1, {%2, %3}], [%4];"
            ::"r"(to), "l"(&map), "r"(x), "r"(y), "r"(barrier)
            : "memory");
      } else {
        asm volatile(
            "cp.async.bulk.tensor.2d.shared::cluster.global.tile.mbarrier::complete_tx::bytes.multicast::cluster [%0], "
            "[%1, {%2, %3}], [%4], %5;" ::"r"(to), "l"(&map), "r"(x), "r"(y), "r"(barrier),
            "h"(static_cast<uint16_t>((1 << kCluster) - 1))
            : "memory");
      }
      tile = (tile + 1) & (tiles - 1);
      if (++stage == kStages) {
        stage = 0;
        phase ^= 1;
      }
    }
    wait(shared_address(&full[(kLoads - 1) % kStages]), (kLoads - 1) / kStages & 1);
    cycles[blockIdx.x] = clock64() - begin;
  } else if (threadIdx.x == 32) {
    for (int i = 0; i < kLoads; ++i) {
      wait(shared_address(&full[i % kStages]), i / kStages & 1);
      for (int peer = 0; peer < kCluster; ++peer) {
        uint32_t far;
        asm volatile("mapa.shared::cluster.u32 %0, %1, %2;" : "=r"(far) : "r"(shared_address(&empty[i % kStages])), "r"(peer));
        asm volatile("mbarrier.arrive.shared::cluster.b64 _, [%0];" ::"r"(far) : "memory");
      }
    }
  }
  __syncthreads();
  asm volatile("barrier.cluster.arrive.aligned;\nbarrier.cluster.wait.aligned;" ::: "memory");
}

__global__ void store(char* matrix, int bytes, long long* cycles) {
  extern __shared__ __align__(1024) char stages[];
  if (threadIdx.x == 0) {
    const long long begin = clock64();
    for (int i = 0; i < kStores; ++i) {
      const uint64_t at = static_cast<uint64_t>(blockIdx.x * 37 + i) * bytes % kMatrixBytes;
      asm volatile("cp.async.bulk.global.shared::cta.bulk_group [%0], [%1], %2;" ::"l"(matrix + at),
                   "r"(shared_address(stages) + (i % 4) * bytes), "r"(bytes)
                   : "memory");
      asm volatile("cp.async.bulk.commit_group;");
      asm volatile("cp.async.bulk.wait_group.read 3;" ::: "memory");
    }
    asm volatile("cp.async.bulk.wait_group 0;" ::: "memory");
    cycles[blockIdx.x] = clock64() - begin;
  }
}

struct Bench {
  char* matrix = nullptr;
  long long* cycles = nullptr;
  PFN_cuTensorMapEncodeTiled_v12000 encode = nullptr;

  void report(const char* what, int cluster, int cores, int bytes, const Streams& streams, int repeats) const {
    check(cudaDeviceSynchronize(), what);
    std::vector<long long> host(cores);
    check(cudaMemcpy(host.data(), cycles, cores * sizeof(long long), cudaMemcpyDeviceToHost), "cudaMemcpy");
    std::sort(host.begin(), host.end());
    const double all = double(bytes) * repeats;
    std::printf("%s,%d,%d,%d,%d,%s,%d,%.2f,%.2f,%.2f\n", what, cluster, cores, bytes, streams.count,
                streams.blocked ? "blocked" : "in turn", streams.lag, all / host[cores / 2], all / host.back(), all / host[0]);
    std::fflush(stdout);
  }

  template <int kCluster>
  void load_once(int clusters, int bytes, const Streams& streams) const {
    const cuuint64_t rows = bytes / kTileRowBytes, tiles = kMatrixBytes / bytes;
    const cuuint64_t sizes[2] = {kRowBytes / 2, (tiles / 64 + 1) * rows}, pitch[1] = {kRowBytes};
    const cuuint32_t box[2] = {kTileRowBytes / 2, static_cast<cuuint32_t>(rows / kCluster)}, ones[2] = {1, 1};
    CUtensorMap map;
    if (encode(&map, CU_TENSOR_MAP_DATA_TYPE_BFLOAT16, 2, matrix, sizes, pitch, box, ones, CU_TENSOR_MAP_INTERLEAVE_NONE,
               CU_TENSOR_MAP_SWIZZLE_128B, CU_TENSOR_MAP_L2_PROMOTION_L2_128B,
               CU_TENSOR_MAP_FLOAT_OOB_FILL_NONE) != CUDA_SUCCESS) {
      check(cudaErrorInvalidValue, "cuTensorMapEncodeTiled");
    }
    check(cudaFuncSetAttribute(load<kCluster>, cudaFuncAttributeMaxDynamicSharedMemorySize, 200 << 10), "shared memory");
    cudaLaunchAttribute attribute{};
    attribute.id = cudaLaunchAttributeClusterDimension;
    attribute.val.clusterDim = {kCluster, 1, 1};
    cudaLaunchConfig_t config{};
    config.gridDim = dim3(clusters * kCluster);
    config.blockDim = dim3(64);
    config.dynamicSmemBytes = std::max(kStages * bytes, 120 << 10);  // one block a core
    config.attrs = &attribute;
    config.numAttrs = 1;
    int fit = 0;
    check(cudaOccupancyMaxActiveClusters(&fit, load<kCluster>, &config), "cudaOccupancyMaxActiveClusters");
    config.gridDim = dim3(std::min(fit, clusters) * kCluster);
    for (int i = 0; i < 2; ++i) {
      check(cudaLaunchKernelEx(&config, load<kCluster>, map, int(tiles), bytes, streams, cycles), "load");
    }
    report("load", kCluster, config.gridDim.x, bytes, streams, kLoads);
  }

  template <int kCluster>
  void load_all(int cores) const {
    for (const int bytes : {32768, 16384}) {
      for (const int clusters : {1, 8, 16, 33, 66, 132}) {
        if (clusters * kCluster <= cores) {
          load_once<kCluster>(clusters, bytes, {clusters, 0, false});
        }
      }
      const int most = cores / kCluster;
      for (const int count : {1, 2, 4, 8, 11, 16, 22, 33, 44, 66}) {
        for (const int lag : {0, 1, 2}) {
          if (count < most) {
            load_once<kCluster>(most, bytes, {count, lag, false});
            load_once<kCluster>(most, bytes, {count, lag, true});
          }
        }
      }
    }
  }
};

}  // namespace

int main() {
  cudaDeviceProp properties;
  check(cudaGetDeviceProperties(&properties, 0), "cudaGetDeviceProperties");
  const int cores = properties.multiProcessorCount;
  Bench bench;
  check(cudaMalloc(&bench.matrix, 2 * kMatrixBytes), "cudaMalloc");
  check(cudaMemset(bench.matrix, 1, 2 * kMatrixBytes), "cudaMemset");
  check(cudaMalloc(&bench.cycles, cores * sizeof(long long)), "cudaMalloc");
  void* encode = nullptr;
  cudaDriverEntryPointQueryResult found;
  check(cudaGetDriverEntryPointByVersion("cuTensorMapEncodeTiled", &encode, 12000, cudaEnableDefault, &found), "driver");
  bench.encode = reinterpret_cast<PFN_cuTensorMapEncodeTiled_v12000>(encode);
  std::printf("copy,cluster,cores,bytes,streams,dealt,lag,bytes_per_clk_median,bytes_per_clk_slowest,bytes_per_clk_fastest\n");
  bench.load_all<1>(cores);
  bench.load_all<2>(cores);
  bench.load_all<4>(cores);
  check(cudaFuncSetAttribute(store, cudaFuncAttributeMaxDynamicSharedMemorySize, 160 << 10), "shared memory");
  for (const int bytes : {32768, 8192}) {
    for (const int active : {1, 8, 33, 66, cores}) {
      for (int i = 0; i < 2; ++i) {
        store<<<active, 64, 160 << 10>>>(bench.matrix, bytes, bench.cycles);
      }
      bench.report("store", 1, active, bytes, {active, 0, false}, kStores);
    }
  }
}
