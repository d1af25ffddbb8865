// SPDX-License-Identifier: Apache-2.0
#include "results/canonical.h"

#include <functional>
#include <stdexcept>

#include <gtest/gtest.h>

#include "tests/support/sample_record.h"

namespace orrery {
namespace {

TEST(Canonical, KeepsARecordThatIsCanonical) {
  EXPECT_EQ(canonical(sample_record()), sample_record());
}

TEST(Canonical, MergesNarrowBinsExactlyAndFillsUpShortRows) {
  RunRecord record;
  record.timeline = {{"hbm", "bytes", "byte", 40, {1, 2}},
                     {"core", "bytes", "byte", 20, {1, 2, 3, 4, 5}},
                     {"core", "busy", "fs", 40, {}}};
  const RunRecord merged = canonical(record);
  const std::vector<TimelineRow> expected{{"core", "busy", "fs", 40, {0, 0, 0}},
                                          {"core", "bytes", "byte", 40, {3, 7, 5}},
                                          {"hbm", "bytes", "byte", 40, {1, 2, 0}}};
  EXPECT_EQ(merged.timeline, expected);
  EXPECT_EQ(canonical(merged), merged);
}

TEST(Canonical, RefusesRecordsThatMakeNoSense) {
  const auto refused = [](const std::function<void(RunRecord&)>& spoil) {
    RunRecord record = sample_record();
    spoil(record);
    EXPECT_THROW(canonical(record), std::invalid_argument);
  };
  refused([](RunRecord& r) { r.ops[1].end_fs = r.ops[1].start_fs - 1; });
  refused([](RunRecord& r) { r.ops[1].stall_fs.pop_back(); });
  refused([](RunRecord& r) { r.summary[1].name = r.summary[0].name; });
  refused([](RunRecord& r) { r.counters[1].path = r.counters[0].path; });
  refused([](RunRecord& r) { r.events[0].end_fs = 0; });
  refused([](RunRecord& r) { r.histograms[0].edges.pop_back(); });
  refused([](RunRecord& r) { r.histograms[0].edges[0] = 1000; });
  refused([](RunRecord& r) { r.histograms.push_back(r.histograms[0]); });
  refused([](RunRecord& r) { r.timeline[0].bin_fs = 0; });
  refused([](RunRecord& r) { r.timeline[0].bin_fs = 3; });
  refused([](RunRecord& r) {
    r.timeline[1].unit = "1";
    r.timeline[1].counter = "bytes";
  });
  refused([](RunRecord& r) { r.timeline.push_back(r.timeline[0]); });
}

TEST(ContentHash, ChangesWithEveryValueOutsideProvenance) {
  const std::string hash = content_hash(sample_record());
  const auto differs = [&](const std::function<void(RunRecord&)>& change) {
    RunRecord record = sample_record();
    change(record);
    EXPECT_NE(content_hash(record), hash);
  };
  differs([](RunRecord& r) { r.chip += "x"; });
  differs([](RunRecord& r) { r.workload += "x"; });
  differs([](RunRecord& r) { r.phase += "x"; });
  differs([](RunRecord& r) { r.notes.pop_back(); });
  differs([](RunRecord& r) { r.summary[2].value += 1; });
  differs([](RunRecord& r) { r.summary[2].units += "x"; });
  differs([](RunRecord& r) { r.ops[2].reused = false; });
  differs([](RunRecord& r) { r.ops[2].end_fs += 1; });
  differs([](RunRecord& r) { r.ops[2].network_bytes += 1; });
  differs([](RunRecord& r) { r.ops[2].credited_fs += 1; });
  differs([](RunRecord& r) { r.ops[2].sampling_error_fs += 1; });
  differs([](RunRecord& r) { r.ops[2].stall_fs[8] += 1; });
  differs([](RunRecord& r) { r.counters[1].value -= 1; });
  differs([](RunRecord& r) { r.timeline[2].bins[3] += 1; });
  differs([](RunRecord& r) { r.events[1].op += 1; });
  differs([](RunRecord& r) { r.events_dropped += 1; });
  differs([](RunRecord& r) { r.histograms[0].counts[2] += 1; });
}

TEST(ContentHash, IgnoresProvenance) {
  RunRecord record = sample_record();
  record.provenance = {};
  EXPECT_EQ(content_hash(record), content_hash(sample_record()));
}

TEST(ContentHash, DoesNotConfuseWhereATextEnds) {
  RunRecord a;
  a.chip = "ab";
  a.workload = "c";
  RunRecord b;
  b.chip = "a";
  b.workload = "bc";
  EXPECT_NE(content_hash(a), content_hash(b));
}

}  // namespace
}  // namespace orrery
