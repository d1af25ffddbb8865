// SPDX-License-Identifier: Apache-2.0
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "mem/hbm_config.h"
#include "mem/shared_memory_config.h"

namespace orrery {
namespace {

using ::testing::HasSubstr;

const std::string kFolder = ORRERY_SOURCE_DIR "/configs/memories";

HbmConfig read(const std::string& text) {
  return read_hbm_config(parse_config(text, "chip.yaml"), kFolder);
}
std::string error_of(const std::string& text) {
  try {
    read(text);
  } catch (const InputError& error) {
    return error.what();
  }
  return "no error";
}
SharedMemoryConfig read_shared(const std::string& text) {
  return read_shared_memory_config(parse_config(text, "chip.yaml"));
}
std::string shared_error_of(const std::string& text) {
  try {
    read_shared(text);
  } catch (const InputError& error) {
    return error.what();
  }
  return "no error";
}

const std::string kPlain =
    "stacks: 2\nchannels_per_stack: 8\ncapacity: 16 GiB\nbandwidth: 614 GB/s\nburst: 32 B\n"
    "row_size: 1 KiB\nbanks: 16\ninterleave: 256 B\narray_latency: 40 ns\n"
    "front_end_latency: 60 ns\n";

TEST(HbmConfigReader, ReadsAMemoryWithoutAPreset) {
  const HbmConfig config = read(kPlain);
  EXPECT_EQ(config.channels(), 16U);
  EXPECT_EQ(config.bandwidth_bytes_per_s, 614'000'000'000U);
  EXPECT_EQ(config.array_latency_fs, 40 * kFsPerNanosecond);
  EXPECT_EQ(config.node_count(), 2U);
}

TEST(HbmConfigReader, PresetsGiveTheKnownPeaksOfGpus) {
  struct {
    const char* preset;
    std::uint32_t stacks;
    double terabytes_per_s;
  } const chips[] = {{"hbm2-2400", 5, 1.536},
                     {"hbm2e-3600", 4, 1.843},
                     {"hbm3-5200", 5, 3.35},
                     {"hbm3e-9600", 6, 7.373}};
  for (const auto& chip : chips) {
    const HbmConfig config = read("preset: " + std::string(chip.preset) +
                                  "\nstacks: " + std::to_string(chip.stacks) + "\n");
    EXPECT_NEAR(static_cast<double>(config.bandwidth_bytes_per_s), chip.terabytes_per_s * 1e12,
                chip.terabytes_per_s * 1e10)
        << chip.preset;
    EXPECT_GT(config.capacity_bytes, std::uint64_t{chip.stacks} * 8'000'000'000 - 1);
  }
}

TEST(HbmConfigReader, TheChipOverridesThePreset) {
  const HbmConfig config = read(
      "preset: hbm3-5200\nstacks: 5\ncapacity: 80 GB\nbandwidth: 3 TB/s\nbanks: 64\n"
      "front_end_latency: 200 ns\noutstanding: 1 MiB\nnode_per: channel\n");
  EXPECT_EQ(config.capacity_bytes, 80'000'000'000U);
  EXPECT_EQ(config.bandwidth_bytes_per_s, 3'000'000'000'000U);
  EXPECT_EQ(config.banks, 64U);
  EXPECT_EQ(config.front_end_latency_fs, 200 * kFsPerNanosecond);
  EXPECT_EQ(config.row_bytes, 1024U);
  EXPECT_EQ(config.outstanding_bytes, 1U << 20);
  EXPECT_EQ(config.channels(), 160U);  // pseudo-channels
  EXPECT_EQ(config.node_count(), 80U);
}

TEST(HbmConfigReader, TimesMayBeClocksOfAMemoryThatHasOne) {
  const std::string h100 =
      "preset: hbm3-5200\nstacks: 5\nbandwidth: 3.35 TB/s\noutstanding: 1 MiB\n";
  const HbmConfig config = read(h100 + "read_activate_interval: 11 clk\n");
  EXPECT_EQ(config.read_activate_interval_fs, 11 * config.dram->device.clock_fs);
  EXPECT_THAT(error_of(h100 + "read_activate_interval: 2000000 clk\n"),
              HasSubstr("longer than 1 ms"));
  EXPECT_THAT(error_of(kPlain + "read_activate_interval: 11 clk\n"), HasSubstr("ns"));
}

TEST(HbmConfigReader, IdealMemoryNeedsOnlyItsCapacity) {
  const HbmConfig config = read("type: ideal\ncapacity: 1 GiB\n");
  EXPECT_EQ(config.kind, MemoryKind::kIdeal);
  EXPECT_EQ(config.channels(), 1U);
}

TEST(HbmConfigReader, SaysWhichNumberIsOff) {
  EXPECT_THAT(error_of(kPlain + "pins: 1024\npin_rate: 3 GHz\n"), HasSubstr("stacks x pins x"));
  EXPECT_THAT(error_of(kPlain + "pins: 1024\n"), HasSubstr("needs both"));
  EXPECT_THAT(error_of(kPlain + "refresh_interval: 1 us\nrefresh_busy: 600 ns\n"),
              HasSubstr("more than half of refresh_interval"));
  EXPECT_THAT(error_of(kPlain + "activate_interval: 5 ns\n"), HasSubstr("row_cycle"));
  EXPECT_THAT(error_of(kPlain + "read_activate_interval: 5 ns\n"), HasSubstr("row_cycle"));
  EXPECT_THAT(error_of(kPlain + "turnaround: 5 ns\n"), HasSubstr("needs 'write_batch'"));
  EXPECT_THAT(error_of(kPlain + "interleaf: 1 B\n"), HasSubstr("interleave"));
  EXPECT_THAT(error_of("preset: hbm3-5201\nstacks: 5\n"), HasSubstr("hbm3-5200"));
  EXPECT_THAT(error_of("preset: ../hbm3-5200\nstacks: 5\n"), HasSubstr("no memory"));
  EXPECT_THAT(error_of("stacks: 2\n"), HasSubstr("channels_per_stack"));
}

TEST(HbmConfigReader, RefusesSizesThatAreNoPowersOfTwo) {
  for (const char* line : {"burst: 48 B\n", "row_size: 1000 B\n", "banks: 12\n",
                           "interleave: 200 B\n", "interleave: 2 KiB\n", "burst: 512 B\n"}) {
    const std::string key = std::string(line).substr(0, std::string(line).find(':'));
    std::string text;
    for (std::size_t at = 0; at < kPlain.size();) {
      const std::size_t end = kPlain.find('\n', at) + 1;
      const std::string old = kPlain.substr(at, end - at);
      text += old.starts_with(key + ":") ? line : old;
      at = end;
    }
    EXPECT_NE(error_of(text), "no error") << line;
  }
}

const std::string kL2 =
    "type: l2\nclock: 1.755 GHz\ncapacity: 50 MiB\nlatency: 120 clk\nfill_outstanding: 1 MiB\n"
    "slices: 80\nslice_bandwidth: 64 B/clk\n";
const std::string kSram =
    "type: sram\nclock: 1.5 GHz\ncapacity: 400 MiB\nlatency: 40 clk\nfill_outstanding: 1 MiB\n"
    "banks: 16\nbank_bandwidth: 256 B/clk\n";

TEST(SharedMemoryConfigReader, ReadsL2SramAndNone) {
  const SharedMemoryConfig l2 = read_shared(kL2 +
                                            "partitions: 2\nways: 20\nkeep_far_copies: false\n"
                                            "per_sector_tags: true\n");
  EXPECT_EQ(l2.kind, SharedMemoryKind::kL2);
  EXPECT_EQ(l2.node_count(), 2U);
  EXPECT_EQ(l2.ways, 20U);
  EXPECT_FALSE(l2.keep_far_copies);
  EXPECT_TRUE(l2.per_sector_tags);
  EXPECT_EQ(l2.slice_bytes_per_cycle, 64U);
  const SharedMemoryConfig sram = read_shared(kSram);
  EXPECT_EQ(sram.node_count(), 16U);
  EXPECT_EQ(sram.bank_bytes_per_cycle, 256U);
  EXPECT_EQ(read_shared("type: none\n").node_count(), 0U);
}

TEST(SharedMemoryConfigReader, SaysWhichNumberIsOff) {
  EXPECT_THAT(shared_error_of("type: none\nbanks: 3\n"), HasSubstr("banks"));
  EXPECT_THAT(shared_error_of(kL2 + "partitions: 3\n"), HasSubstr("partitions"));
  EXPECT_THAT(shared_error_of("type: l2\nclock: 1 GHz\ncapacity: 64 KiB\nlatency: 1 clk\n"
                              "fill_outstanding: 1 KiB\nslices: 1\nslice_bandwidth: 64 B/clk\n"
                              "ways: 32\n"),
              HasSubstr("131072"));
  EXPECT_THAT(shared_error_of("type: l2\nclock: 1 GHz\ncapacity: 1 MiB\nlatency: 1 clk\n"
                              "fill_outstanding: 1 KiB\nslices: 3\nslice_bandwidth: 64 B/clk\n"
                              "partitions: 2\n"),
              HasSubstr("multiple of the 2 partitions"));
  EXPECT_THAT(shared_error_of("type: sram\nclock: 1 GHz\ncapacity: 4 KiB\nlatency: 1 clk\n"
                              "fill_outstanding: 1 KiB\nbanks: 16\nbank_bandwidth: 64 B/clk\n"),
              HasSubstr("at least 4 KiB for each"));
}

}  // namespace
}  // namespace orrery
