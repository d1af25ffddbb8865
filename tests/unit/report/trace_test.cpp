// SPDX-License-Identifier: Apache-2.0
#include <map>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "report/perfetto_trace.pb.h"
#include "report/run_trace.h"
#include "report/trace_writer.h"
#include "tests/support/page_sample.h"

namespace orrery {
namespace {

using ::testing::ElementsAre;

// A trace read back: by path of names ("core 0/tile tasks") its slices and values.
struct Read {
  struct Slice {
    std::string name;
    std::uint64_t begin_ns, end_ns;
    bool operator==(const Slice&) const = default;
  };
  std::map<std::string, std::vector<Slice>> slices;
  std::map<std::string, std::vector<std::pair<std::uint64_t, std::int64_t>>> values;
  std::uint64_t last_ns = 0;
};

Read read(const std::string& bytes) {
  trace::Trace trace;
  EXPECT_TRUE(trace.ParseFromString(bytes));
  std::map<std::uint64_t, std::string> paths;
  std::map<std::uint64_t, std::vector<Read::Slice>> open;
  Read read;
  for (const trace::TracePacket& packet : trace.packet()) {
    EXPECT_EQ(packet.trusted_packet_sequence_id(), 1U);
    if (packet.has_track_descriptor()) {
      const trace::TrackDescriptor& track = packet.track_descriptor();
      const std::string parent =
          track.has_parent_uuid() ? paths.at(track.parent_uuid()) + "/" : std::string();
      EXPECT_TRUE(paths.emplace(track.uuid(), parent + track.name()).second);
      continue;
    }
    EXPECT_GE(packet.timestamp(), read.last_ns);  // in the order of time
    read.last_ns = packet.timestamp();
    const trace::TrackEvent& event = packet.track_event();
    const std::string& path = paths.at(event.track_uuid());
    if (event.type() == trace::TrackEvent::TYPE_SLICE_BEGIN) {
      EXPECT_TRUE(open[event.track_uuid()].empty()) << "slices nest on " << path;
      open[event.track_uuid()].push_back({event.name(), packet.timestamp(), 0});
    } else if (event.type() == trace::TrackEvent::TYPE_SLICE_END) {
      Read::Slice slice = open[event.track_uuid()].back();
      open[event.track_uuid()].pop_back();
      slice.end_ns = packet.timestamp();
      read.slices[path].push_back(slice);
    } else {
      read.values[path].emplace_back(packet.timestamp(), event.counter_value());
    }
  }
  for (const auto& [track, left] : open) {
    EXPECT_TRUE(left.empty()) << "a slice does not end on " << paths.at(track);
  }
  return read;
}

constexpr Femtoseconds kNs = kFsPerNanosecond;

TEST(TraceWriterTest, SlicesEndBeforeTheNextBeginsAtTheSameTime) {
  TraceWriter writer;
  const auto track = writer.track("unit", writer.track("core 0"));
  writer.slice(track, "b", 10 * kNs, 20 * kNs);
  writer.slice(track, "a", 0, 10 * kNs);
  writer.slice(track, "none", 20 * kNs, 20 * kNs);
  const Read trace = read(writer.bytes());
  EXPECT_THAT(
      trace.slices.at("core 0/unit"),
      ElementsAre(Read::Slice{"a", 0, 10}, Read::Slice{"b", 10, 20}, Read::Slice{"none", 20, 20}));
}

TEST(TraceWriterTest, OverlappingSlicesGoToTracksOfTheirOwn) {
  TraceWriter writer;
  const auto track = writer.track("tasks");
  writer.slice(track, "a", 0, 10 * kNs);
  writer.slice(track, "b", 5 * kNs, 12 * kNs);
  writer.slice(track, "c", 10 * kNs, 12 * kNs);
  EXPECT_EQ(read(writer.bytes()).slices.at("tasks").size(), 3U);
}

TEST(TraceWriterTest, TracksOfOneNameAndParentAreOne) {
  TraceWriter writer;
  const auto core = writer.track("core 0");
  EXPECT_EQ(writer.track("core 0"), core);
  EXPECT_NE(writer.track("core 0", core), core);
  EXPECT_EQ(writer.counter("busy", core), writer.counter("busy", core));
}

TEST(RunTraceTest, HasOperatorsKernelsTasksAndUnits) {
  const Read trace = read(run_trace(page_run()));
  EXPECT_EQ(trace.slices.at("h100-sxm/operators").size(), 3U);
  EXPECT_EQ(trace.slices.at("h100-sxm/operators")[1],
            (Read::Slice{"layer0.norm", 600'000, 700'000}));
  EXPECT_EQ(trace.slices.at("h100-sxm/kernels").size(), 1U);
  EXPECT_EQ(trace.slices.at("core 0/tile tasks").size(), 2U);
  EXPECT_EQ(trace.slices.at("core 1/tensor unit").size(), 1U);
}

TEST(RunTraceTest, CountersAreRatesAndGoToNothingAtTheEnd) {
  const Read trace = read(run_trace(page_run()));
  // 10, 20, 30 and 40 bytes in bins of a microsecond.
  EXPECT_THAT(trace.values.at("h100-sxm/hbm MB/s"),
              ElementsAre(std::pair(0, 10), std::pair(1000, 20), std::pair(2000, 30),
                          std::pair(3000, 40), std::pair(4000, 0)));
  EXPECT_EQ(trace.values.count("core 1/tensor busy %"), 1U);
  EXPECT_EQ(trace.values.count("h100-sxm/chip W"), 1U);
}

TEST(RunTraceTest, BusyIsAShareOfAllCores) {
  RunRecord record = page_run();
  record.timeline = {{"tensor", "busy", "fs", kNs, {2 * kNs, kNs}},
                     {"core_1.tensor", "busy", "fs", kNs, {kNs, kNs / 2}}};
  const Read trace = read(run_trace(record));
  EXPECT_EQ(trace.values.at("h100-sxm/tensor busy %")[0].second, 100);
  EXPECT_EQ(trace.values.at("h100-sxm/tensor busy %")[1].second, 50);
  EXPECT_EQ(trace.values.at("core 1/tensor busy %")[1].second, 50);
}

}  // namespace
}  // namespace orrery
