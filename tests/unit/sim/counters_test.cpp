// SPDX-License-Identifier: Apache-2.0
#include "sim/counters.h"

#include <stdexcept>

#include <gtest/gtest.h>

namespace orrery {
namespace {

TEST(CounterRegistry, ReadsTheComponentsOwnCounter) {
  Counter bytes;
  CounterRegistry registry;
  registry.add("hbm.read_bytes", "byte", "read from memory", bytes);
  bytes += 40;
  ++bytes;
  EXPECT_EQ(registry.value("hbm.read_bytes"), 41U);
  ASSERT_EQ(registry.entries().size(), 1U);
  EXPECT_EQ(registry.entries()[0].unit, "byte");
  EXPECT_EQ(registry.entries()[0].description, "read from memory");
}

TEST(CounterRegistry, ResetReachesEveryCounter) {
  Counter a;
  Counter b;
  CounterRegistry registry;
  registry.add("a", "1", "", a);
  registry.add("b", "1", "", b);
  a += 3;
  b += 4;
  registry.reset();
  EXPECT_EQ(a.value() + b.value(), 0U);
}

TEST(CounterRegistry, APathIsTakenOnce) {
  Counter counter;
  CounterRegistry registry;
  registry.add("a", "1", "", counter);
  EXPECT_THROW(registry.add("a", "1", "", counter), std::invalid_argument);
  EXPECT_EQ(registry.entries().size(), 1U);
}

TEST(CounterRegistry, AnUnknownPathIsAnError) {
  EXPECT_THROW(static_cast<void>(CounterRegistry().value("a")), std::out_of_range);
}

}  // namespace
}  // namespace orrery
