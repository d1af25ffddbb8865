// SPDX-License-Identifier: Apache-2.0
// What is not alike, what moved, what is not equal.
#include "results/comparison.h"

#include <limits>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "results/canonical.h"
#include "results/content_difference.h"
#include "results/moved_values.h"
#include "tests/support/sample_record.h"

namespace orrery {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

// "power mode: sustained | burst!", the mark for another kind.
std::vector<std::string> aspects(const StoredResult& a, const StoredResult& b) {
  std::vector<std::string> lines;
  for (const AspectDifference& aspect : aspect_differences(a, b)) {
    lines.push_back(aspect.aspect + ": " + aspect.a + " | " + aspect.b +
                    (aspect.of_another_kind ? "!" : ""));
  }
  return lines;
}

StoredResult stored() {
  StoredResult result;
  result.record = sample_record_with_power();
  result.record.notes = {"power sustained, random operands, cap 700 W",
                         "tiers: memory fast, network fast"};
  result.record.provenance.workload = "name: x\nphase: prefill\nbatch: 8\ndtype: bf16\n";
  return result;
}

TEST(RunAspects, EqualRunsHaveNoDifference) {
  EXPECT_THAT(aspects(stored(), stored()), IsEmpty());
}

TEST(RunAspects, EachIsNamed) {
  const StoredResult a = stored();
  const auto differs = [&](auto change) {
    StoredResult b = stored();
    change(b);
    return aspects(a, b);
  };
  EXPECT_THAT(
      differs([](StoredResult& b) { b.schema_version = 1; }),
      ElementsAre("schema: version " + std::to_string(kResultSchemaVersion) + " | version 1"));
  EXPECT_THAT(differs([](StoredResult& b) { b.record.phase = "decode"; }),
              ElementsAre("phase: prefill | decode!"));
  EXPECT_THAT(differs([](StoredResult& b) { b.record.notes[1] = "tiers: memory detailed"; }),
              ElementsAre("tiers: memory fast, network fast | memory detailed!"));
  EXPECT_THAT(
      differs([](StoredResult& b) { b.record.notes[0] = "power burst, zero operands, cap 700 W"; }),
      ElementsAre("power mode: sustained, random operands | burst, zero operands!"));
  EXPECT_THAT(differs([](StoredResult& b) {
                b.record.notes[0] = "power sustained, random operands, cap 500 W";
              }),
              ElementsAre("power cap: 700 W | 500 W"));
  EXPECT_THAT(differs([](StoredResult& b) { b.record.notes[0] = "power not modelled"; }),
              ElementsAre("power mode: sustained, random operands | not modelled!",
                          "power cap: 700 W | none"));
  EXPECT_THAT(differs([](StoredResult& b) {
                b.record.notes.push_back("sampled: 12 % of the time simulated");
              }),
              ElementsAre("sampling: none | sampled!"));
  EXPECT_THAT(differs([](StoredResult& b) { b.record.chip = "maia100"; }),
              ElementsAre("chip: h100-sxm | maia100"));
  EXPECT_THAT(differs([](StoredResult& b) { b.record.provenance.git_revision = "def"; }),
              ElementsAre("program: abc123 | def"));
}

TEST(RunAspects, AWorkloadIsItsContentNotItsName) {
  StoredResult b = stored();
  b.record.workload = "other name";
  EXPECT_THAT(aspects(stored(), b), ElementsAre("workload: llama-3.1-8b | other name"));
  b = stored();
  b.record.provenance.workload = "name: y\nphase: prefill\nbatch: 32\ndtype: fp8\nkv_dtype: fp8\n";
  EXPECT_THAT(aspects(stored(), b),
              ElementsAre("workload: llama-3.1-8b, batch 8, dtype bf16, kv_dtype none | "
                          "llama-3.1-8b, batch 32, dtype fp8, kv_dtype fp8!",
                          "dtype: bf16 | fp8, fp8 (kv)!"));
}

TEST(RunAspects, ReadsTheDtypesOfATrace) {
  StoredResult a = stored();
  StoredResult b = stored();
  a.record.provenance.workload = "name,kind,dtype,m\n\"one, two\",gemm,bf16,8\nb,gemm,fp32,8\n";
  b.record.provenance.workload = "name,kind,dtype,m\n\"one, two\",gemm,fp8,8\nb,gemm,fp32,8\n";
  EXPECT_EQ(dtypes_of(a.record), "bf16, fp32");
  EXPECT_THAT(aspects(a, b),
              ElementsAre("workload: llama-3.1-8b, 1 line of the trace | llama-3.1-8b, others!",
                          "dtype: bf16, fp32 | fp32, fp8!"));
  a.record.provenance.workload = "operators:\n  - {name: a, kind: gemm, dtype: int8}\n";
  EXPECT_EQ(dtypes_of(a.record), "int8");
  a.record.provenance.workload = "not: [yaml";
  EXPECT_EQ(dtypes_of(a.record), "");
}

TEST(RunConfig, ListsTheValuesThatDiffer) {
  RunRecord a = sample_record();
  RunRecord b = sample_record();
  a.provenance.config_resolved =
      "name: a\ncore:\n  count: 2\n  clock: 1 GHz\nassumed:\n  - {constant: x, range: [1, 2]}\n"
      "---  # memory preset p\ntiming:\n  cl: 5 clk\n";
  b.provenance.config_resolved =
      "name: b\ncore:\n  count: 4\n  clock: 1 GHz\npower:\n  cap: 9 W\n"
      "---  # memory preset q\ntiming:\n  cl: 6 clk\n---  # area table t\nsram: 1 mm2\n";
  std::vector<std::string> lines;
  for (const ConfigDifference& value : differences_of(chip_values(a), chip_values(b))) {
    lines.push_back(value.key + ": " + value.a + " | " + value.b);
  }
  EXPECT_THAT(lines, ElementsAre("area table.sram:  | 1 mm2", "core.count: 2 | 4",
                                 "memory preset.timing.cl: 5 clk | 6 clk", "power.cap:  | 9 W"));
}

TEST(CounterTotals, SumEqualParts) {
  EXPECT_EQ(instances_name("chip.core_17.tasks"), "chip.core_*.tasks");
  EXPECT_EQ(instances_name("chip.hbm.channel[3].bytes"), "chip.hbm.channel[*].bytes");
  EXPECT_EQ(instances_name("chip.l2_0.slice[12].bytes"), "chip.l2_*.slice[*].bytes");
  EXPECT_EQ(instances_name("core_2x.y"), "core_2x.y");
  RunRecord a;
  RunRecord b;
  a.counters = {{"core_0.tasks", "1", "", 3}, {"core_1.tasks", "1", "", 4}, {"x", "byte", "", 1}};
  b.counters = {{"core_0.tasks", "1", "", 9}, {"y", "fs", "", 2}};
  const std::vector<ComparedValue> values = compare_counters(a, b);
  ASSERT_EQ(values.size(), 3U);
  EXPECT_EQ(values[0].name, "core_*.tasks");
  EXPECT_EQ(values[0].a, 7);
  EXPECT_EQ(values[0].b, 9);
  EXPECT_EQ(values[1].b, std::nullopt);
  EXPECT_EQ(values[2].a, std::nullopt);
}

std::vector<std::string> moved(const RunRecord& a, const RunRecord& b, double tolerance) {
  std::vector<std::string> names;
  for (const MovedValue& value : moved_values(a, b, align_ops(a.ops, b.ops), tolerance)) {
    names.push_back(value.name);
  }
  return names;
}

TEST(MovedValues, NoneOfEqualRunsEvenWithoutTolerance) {
  EXPECT_THAT(moved(sample_record_with_power(), sample_record_with_power(), 0), IsEmpty());
}

TEST(MovedValues, ThoseBeyondTheToleranceTheTotalFirst) {
  RunRecord b = sample_record();
  b.summary[0].value *= 1.02;
  b.ops[1].end_fs += kFsPerMicrosecond * 10;  // of 100
  b.ops[0].flop += 1;
  b.counters[0].value -= 30'000'000;  // of 1e9
  EXPECT_THAT(moved(sample_record(), b, 0.01),
              ElementsAre("total_time", "layer0.norm time", "counter hbm.read_bytes"));
  EXPECT_THAT(moved(sample_record(), b, 0.05), ElementsAre("layer0.norm time"));
  EXPECT_THAT(moved(sample_record(), b, 0.2), IsEmpty());
  EXPECT_THAT(moved(sample_record(), b, 0), ::testing::SizeIs(4));
}

TEST(MovedValues, OfAllLayersAreOneLine) {
  RunRecord b = sample_record();
  b.ops[0].end_fs += 1;
  b.ops[1].end_fs += 2;
  b.ops[2].end_fs += 3;
  b.ops[2].flop += 1;
  b.counters[0].value += 1;
  const std::vector<OpPair> pairs = align_ops(b.ops, b.ops);
  std::vector<std::string> names;
  for (const MovedValue& value : layers_together(moved_values(sample_record(), b, pairs, 0))) {
    names.push_back(value.name);
  }
  EXPECT_THAT(names, ElementsAre("layer*.qkv time (2)", "layer0.norm time",
                                 "counter hbm.read_bytes", "layer1.qkv flop"));
}

TEST(MovedValues, TheToleranceItselfIsWithin) {
  RunRecord a = sample_record();
  RunRecord b = a;
  a.summary = {{"x", 100, "1", ""}};
  b.summary = {{"x", 101, "1", ""}};
  EXPECT_THAT(moved(a, b, 0.01), IsEmpty());
  EXPECT_THAT(moved(a, b, 0.0099), ElementsAre("x"));
}

TEST(MovedValues, FromNothingAndFromZeroAndToNoNumber) {
  RunRecord a = sample_record();
  RunRecord b = a;
  const double nan = std::numeric_limits<double>::quiet_NaN();
  a.summary = {
      {"zero", 0, "1", ""}, {"gone", 1, "1", ""}, {"nan", nan, "1", ""}, {"was", 1, "", ""}};
  b.summary = {
      {"zero", 1, "1", ""}, {"new", 1, "1", ""}, {"nan", nan, "1", ""}, {"was", nan, "", ""}};
  b.ops.pop_back();
  EXPECT_THAT(moved(a, b, 1), ElementsAre("zero", "gone", "was", "new", "layer1.qkv time"));
}

TEST(ContentDifference, FindsEveryFieldThatTheHashCovers) {
  const RunRecord a = canonical(sample_record_with_power());
  const auto first = [&](auto change) {
    RunRecord b = a;
    change(b);
    const ContentDifferences found = content_differences(a, b, 3);
    EXPECT_EQ(found.count > 0, content_hash(a) != content_hash(b));
    return found.count == 0
               ? "equal"
               : found.first[0].where + ": " + found.first[0].a + " | " + found.first[0].b;
  };
  EXPECT_EQ(first([](RunRecord&) {}), "equal");
  EXPECT_EQ(first([](RunRecord& b) { b.provenance.host = "other"; }), "equal");
  EXPECT_EQ(first([](RunRecord& b) { b.chip = "x"; }), "/@chip: \"h100-sxm\" | \"x\"");
  EXPECT_EQ(first([](RunRecord& b) { b.notes[1] = "y"; }),
            "/@notes[1]: \"memory fast, network fast\" | \"y\"");
  EXPECT_EQ(first([](RunRecord& b) { b.summary[0].value += 1; }),
            "/summary/total_time: 1000000000000 | 1000000000001");
  EXPECT_EQ(first([](RunRecord& b) { b.summary.pop_back(); }), "/summary: 13 rows | 12 rows");
  EXPECT_EQ(first([](RunRecord& b) { b.ops[1].end_fs += 1; }),
            "/ops/end[1] (layer0.norm): 700000000000 | 700000000001");
  EXPECT_EQ(first([](RunRecord& b) { b.ops[2].reused = false; }),
            "/ops/reused[2] (layer1.qkv): 1 | 0");
  EXPECT_EQ(first([](RunRecord& b) { b.ops[0].stall_fs[8] += 1; }),
            "/ops/stalls[0] (layer0.qkv)[8]: 300000000000 | 300000000001");
  EXPECT_EQ(first([](RunRecord& b) { b.ops[0].energy_j[1] = -0.0; }),
            "/ops/energy[0] (layer0.qkv)[1]: 0 | -0");
  EXPECT_EQ(first([](RunRecord& b) { b.counters[0].value = 1; }),
            "/counters/value[0] (hbm.read_bytes): 1000000000 | 1");
  EXPECT_EQ(first([](RunRecord& b) { b.timeline[2].bins[3] = 0; }),
            "/timeline/bins[2] (network bytes)[3]: 41 | 0");
  EXPECT_EQ(first([](RunRecord& b) { b.events[1].end_fs += 1; }),
            "/events/end[1] (launch): 12 | 13");
  EXPECT_EQ(first([](RunRecord& b) { b.events_dropped = 0; }), "/events @dropped: 3 | 0");
  EXPECT_EQ(first([](RunRecord& b) { b.histograms[0].counts[2] = 9; }),
            "/histograms/count[0] (transfer_latency)[2]: 3 | 9");
  EXPECT_EQ(first([](RunRecord& b) { b.histograms.clear(); }), "/histograms: 1 rows | 0 rows");
}

TEST(ContentDifference, CountsAllAndKeepsTheFirst) {
  RunRecord b = sample_record();
  for (OpRow& op : b.ops) {
    op.flop += 1;
    op.shared_bytes += 1;
  }
  const ContentDifferences found = content_differences(sample_record(), b, 2);
  EXPECT_EQ(found.count, 6U);
  ASSERT_EQ(found.first.size(), 2U);
  EXPECT_EQ(found.first[1].where, "/ops/shared_bytes[0] (layer0.qkv)");
}

TEST(Comparison, HasAllPartsAndSaysWhetherRunsAreOfOneKind) {
  StoredResult b = stored();
  b.record.ops.pop_back();
  Comparison comparison = compare_results(stored(), b);
  EXPECT_EQ(comparison.pairs.size(), 3U);
  EXPECT_EQ(comparison.groups.size(), 3U);
  EXPECT_EQ(comparison.counters.size(), 2U);
  EXPECT_EQ(comparison.summary.size(), 13U);
  EXPECT_FALSE(comparison.of_another_kind());
  b.record.phase = "decode";
  EXPECT_TRUE(compare_results(stored(), b).of_another_kind());
}

}  // namespace
}  // namespace orrery
