// SPDX-License-Identifier: Apache-2.0
#include "sim/dtype.h"

#include <gtest/gtest.h>

namespace orrery {
namespace {

TEST(Dtype, EveryNameReadsBack) {
  for (std::size_t i = 0; i < kDtypeCount; ++i) {
    const auto dtype = static_cast<Dtype>(i);
    EXPECT_EQ(dtype_from(name_of(dtype)), dtype);
  }
  EXPECT_EQ(dtype_from("bf17"), std::nullopt);
  EXPECT_EQ(dtype_from(""), std::nullopt);
}

TEST(Dtype, TheTableFollowsTheEnumeration) {
  EXPECT_EQ(name_of(Dtype::kFp32), "fp32");
  EXPECT_EQ(bits_of(Dtype::kBf16), 16U);
  EXPECT_EQ(bits_of(Dtype::kTf32), 32U);  // in memory; its precision is 19 bits
  EXPECT_EQ(name_of(Dtype::kMx9), "mx9");
  EXPECT_EQ(bits_of(Dtype::kFp4), 4U);
}

TEST(Dtype, RowsArePaddedToWholeBytes) {
  EXPECT_EQ(bytes_of(Dtype::kBf16, 5), 10U);
  EXPECT_EQ(bytes_of(Dtype::kFp4, 5), 3U);
  EXPECT_EQ(bytes_of(Dtype::kMx9, 8), 9U);
  EXPECT_EQ(bytes_of(Dtype::kMx6, 1), 1U);
  EXPECT_EQ(bytes_of(Dtype::kMx6, 0), 0U);
}

}  // namespace
}  // namespace orrery
