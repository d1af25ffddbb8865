// SPDX-License-Identifier: Apache-2.0
#include "workloads/tensor_allocator.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sim/error.h"
#include "sim/transfer.h"

namespace orrery {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

Workload mixed() {
  Workload work;
  work.name = "mixed";
  work.tensors = {{"x", 64, 1024, Dtype::kBf16, TensorRole::kActivation},  // 128 KiB
                  {"k", 32, 1024, Dtype::kBf16, TensorRole::kKvCache},     // 64 KiB
                  {"w", 512, 1024, Dtype::kBf16, TensorRole::kWeight},     // 1 MiB
                  {"t", 512, 1024, Dtype::kBf16, TensorRole::kTable},
                  {"y", 64, 1024, Dtype::kBf16, TensorRole::kActivation}};
  return work;
}

TEST(TensorAllocatorTest, WeightsComeFirstThenCachesThenActivations) {
  Workload work = mixed();
  allocate_tensors(work);
  const auto& t = work.tensors;
  EXPECT_EQ(t[2].address, 0U);
  EXPECT_LT(t[2].address, t[3].address);
  EXPECT_LT(t[3].address, t[1].address);
  EXPECT_LT(t[1].address, t[0].address);
  EXPECT_LT(t[0].address, t[4].address);
}

TEST(TensorAllocatorTest, TensorsAreAlignedAndDoNotOverlap) {
  Workload work = mixed();
  const MemoryNeed need = allocate_tensors(work);
  for (const Tensor& a : work.tensors) {
    EXPECT_EQ(a.address % kTensorAlignmentBytes, 0U);
    EXPECT_LE(a.address + a.bytes(), need.total_bytes());
    for (const Tensor& b : work.tensors) {
      EXPECT_TRUE(&a == &b || a.address + a.bytes() <= b.address ||
                  b.address + b.bytes() <= a.address);
    }
  }
}

TEST(TensorAllocatorTest, EqualPowerOfTwoMatricesStartAtDifferentPagesOfAnyPowerOfTwo) {
  Workload work = mixed();
  allocate_tensors(work);
  const std::uint64_t distance = work.tensors[3].address - work.tensors[2].address;
  EXPECT_EQ(distance / kTensorAlignmentBytes % 2, 1U);
}

TEST(TensorAllocatorTest, NeedIsTheSumByRoleWithAPageToSpare) {
  const MemoryNeed need = memory_need(mixed());
  EXPECT_EQ(need.weight_bytes, 2 * ((1U << 20) + 4096));
  EXPECT_EQ(need.kv_cache_bytes, (64U << 10) + 4096);
  EXPECT_EQ(need.activation_bytes, 2 * ((128U << 10) + 4096));
}

TEST(TensorAllocatorTest, WhatFitsExactlyIsAccepted) {
  const Workload work = mixed();
  EXPECT_NO_THROW(check_fits(work, memory_need(work).total_bytes()));
}

TEST(TensorAllocatorTest, WhatDoesNotFitSaysWhatIsNeededAndMissing) {
  const Workload work = mixed();
  try {
    check_fits(work, 1 << 20);
    FAIL();
  } catch (const InputError& error) {
    EXPECT_THAT(error.what(),
                AllOf(HasSubstr("mixed: does not fit the chip's memory of 1.00 MiB"),
                      HasSubstr("weights need 2.01 MiB"), HasSubstr("KV cache 68.00 KiB"),
                      HasSubstr("activations 264.00 KiB"), HasSubstr("; 1.33 MiB missing")));
  }
}

TEST(TensorAllocatorTest, AddressesBeyond64BitsAreRefused) {
  Workload work;
  const std::uint64_t rows = 0xffffffff;
  for (int i = 0; i < 3; ++i) {
    work.tensors.push_back({"w", rows, rows, Dtype::kFp8, TensorRole::kWeight});
  }
  EXPECT_THROW(allocate_tensors(work), InputError);
}

}  // namespace
}  // namespace orrery
