// SPDX-License-Identifier: Apache-2.0
#include "workloads/tensor_allocator.h"

#include <array>
#include <fmt/format.h>

#include "sim/error.h"
#include "sim/transfer.h"
#include "workloads/checked_math.h"

namespace orrery {
namespace {

enum class Region : std::uint8_t { kWeights, kKvCache, kActivations };

Region region_of(TensorRole role) {
  switch (role) {
    case TensorRole::kWeight:
    case TensorRole::kTable:
      return Region::kWeights;
    case TensorRole::kKvCache:
      return Region::kKvCache;
    case TensorRole::kActivation:
      return Region::kActivations;
  }
  return Region::kActivations;
}

std::uint64_t footprint_bytes(const Tensor& tensor) {
  const std::uint64_t pages = ceil_div(tensor.bytes(), kTensorAlignmentBytes);
  const auto bytes = checked_product({pages | 1, kTensorAlignmentBytes});
  if (!bytes) {
    throw InputError(fmt::format("tensor '{}': {} bytes do not fit 64-bit addresses", tensor.name,
                                 tensor.bytes()));
  }
  return *bytes;
}

// Calls place(tensor, address) for all, region by region.
template <typename Tensors, typename Place>
MemoryNeed lay_out(Tensors& tensors, Place&& place) {
  std::uint64_t next = 0;
  std::array<std::uint64_t, 3> ends{};
  for (const Region region : {Region::kWeights, Region::kKvCache, Region::kActivations}) {
    for (auto& tensor : tensors) {
      if (region_of(tensor.role) != region) {
        continue;
      }
      place(tensor, next);
      const auto end = checked_sum(next, footprint_bytes(tensor));
      if (!end) {
        throw InputError(
            fmt::format("tensor '{}': the tensors together exceed 64 bits of bytes", tensor.name));
      }
      next = *end;
    }
    ends[static_cast<std::size_t>(region)] = next;
  }
  return {ends[0], ends[1] - ends[0], ends[2] - ends[1]};
}

std::string size_text(std::uint64_t bytes) {
  constexpr std::array<const char*, 4> kUnits{"B", "KiB", "MiB", "GiB"};
  auto value = static_cast<double>(bytes);
  std::size_t unit = 0;
  for (; value >= 1024 && unit + 1 < kUnits.size(); ++unit) {
    value /= 1024;
  }
  return unit == 0 ? fmt::format("{} B", bytes) : fmt::format("{:.2f} {}", value, kUnits[unit]);
}

}  // namespace

MemoryNeed allocate_tensors(Workload& workload) {
  return lay_out(workload.tensors,
                 [](Tensor& tensor, std::uint64_t address) { tensor.address = address; });
}

MemoryNeed memory_need(const Workload& workload) {
  return lay_out(workload.tensors, [](const Tensor& /*tensor*/, std::uint64_t /*address*/) {});
}

void check_fits(const Workload& workload, std::uint64_t capacity_bytes) {
  const MemoryNeed need = memory_need(workload);
  if (need.total_bytes() > capacity_bytes) {
    throw InputError(
        fmt::format("{}: does not fit the chip's memory of {}: weights need {}, KV cache {}, "
                    "activations {}; {} missing",
                    workload.name, size_text(capacity_bytes), size_text(need.weight_bytes),
                    size_text(need.kv_cache_bytes), size_text(need.activation_bytes),
                    size_text(need.total_bytes() - capacity_bytes)));
  }
}

}  // namespace orrery
